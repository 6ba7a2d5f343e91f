//! The port for the current time, which the domain never takes from the system itself.

use chrono::{DateTime, Utc};

/// Timestamp in UTC, with microsecond precision (the precision of both databases).
pub type Timestamp = DateTime<Utc>;

/// Returns the current time.
pub trait Clock: Send + Sync {
    /// Returns the current time. MUST be truncated to whole microseconds, so that the stored value equals the returned
    /// one.
    fn now(&self) -> Timestamp;
}
