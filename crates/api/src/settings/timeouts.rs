//! Timeouts. No variable sets them.

use std::time::Duration;

/// Timeouts for clients and for Redis.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Timeout for the head of a request.
    pub head: Duration,
    /// Timeout for the body of a request.
    pub body: Duration,
    /// Timeout for the next request on a connection.
    pub idle: Duration,
    /// Timeout for a client that reads too little of its response.
    pub write: Duration,
    /// Timeout of a request for all of its calls to Redis.
    pub redis: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            redis: Duration::from_millis(100),
        }
    }
}
