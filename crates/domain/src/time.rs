//! Ports for what a rule must not take from the machine by itself: the time, and new ids.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A moment, in UTC, to the microsecond (what both databases keep).
pub type Instant = DateTime<Utc>;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, MUST be cut to whole microseconds, so that what is stored is what was said.
    fn now(&self) -> Instant;
}

/// Makes ids.
pub trait IdGenerator: Send + Sync {
    /// A new UUIDv7 (RFC 9562): later ids of one process sort after earlier ones.
    fn next_id(&self) -> Uuid;
}

/// Declares an id type over a UUID, so that no id is taken for another's.
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
