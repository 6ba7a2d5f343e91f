//! Deadlines of the states of a connection.

use std::time::Duration;

/// Deadlines of the states of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// Time from the first byte of a head, or from the start of the connection, to the end of the head.
    pub(crate) head: Duration,
    /// Time without a byte of a body while the handler waits for it.
    pub(crate) body: Duration,
    /// Time between two requests.
    pub(crate) idle: Duration,
    /// Time between the last response and the end of the connection.
    pub(crate) closing: Duration,
    /// Window in which a client that blocks writing must read [`Deadlines::least_bytes`].
    pub(crate) write: Duration,
}

impl Deadlines {
    /// Minimum rate of reading, in bytes per second.
    const LEAST_RATE: u64 = 2 * 1024;

    /// Returns the minimum number of bytes of a window.
    pub(super) fn least_bytes(&self) -> u64 {
        Self::LEAST_RATE * self.write.as_secs().max(1)
    }
}

/// State of a connection whose deadline has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissedDeadline {
    Head,
    Body,
    Idle,
    Closing,
    Write,
}

impl MissedDeadline {
    pub(crate) const ALL: [Self; 5] = [Self::Head, Self::Body, Self::Idle, Self::Closing, Self::Write];

    /// Returns the label in the metric.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::Idle => "idle",
            Self::Closing => "closing",
            Self::Write => "write",
        }
    }
}
