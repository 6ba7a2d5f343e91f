//! Ports for the current time and new ids, which the domain never takes from the system itself.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Timestamp in UTC, with microsecond precision (the precision of both databases).
pub type Timestamp = DateTime<Utc>;

/// Returns the current time.
pub trait Clock: Send + Sync {
    /// Returns the current time. MUST be truncated to whole microseconds, so that the stored value equals the returned
    /// one.
    fn now(&self) -> Timestamp;
}

/// Generates ids.
pub trait IdGenerator: Send + Sync {
    /// Returns a new UUIDv7 (RFC 9562). Later ids of one process sort after earlier ones.
    fn next_id(&self) -> Uuid;
}

/// Declares an id type over a UUID, so that ids of different types cannot be confused.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}
pub(crate) use id_type;
