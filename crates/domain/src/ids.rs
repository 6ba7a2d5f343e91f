//! Ids, and the port that generates them. Each kind of id is a type of its own, so that two kinds cannot be confused.

use std::fmt;

use uuid::Uuid;

/// Declares an id type over a UUID.
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

id_type! {
    /// Id of a user.
    UserId
}
id_type! {
    /// Id of a session; the `sid` claim of its access tokens.
    SessionId
}
id_type! {
    /// Id of an app password.
    AppPasswordId
}
id_type! {
    /// Id of a contact.
    ContactId
}
id_type! {
    /// Id of a mail.
    MailId
}
id_type! {
    /// Id of an audit event.
    AuditEventId
}

/// Generates ids.
pub trait IdGenerator: Send + Sync {
    /// Returns a new UUIDv7 (RFC 9562). Later ids of one process sort after earlier ones.
    fn next_id(&self) -> Uuid;
}
