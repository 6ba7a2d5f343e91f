//! Errors of the store, and causes of errors inside adapters.

use std::error::Error as StdError;

/// Cause of an error inside an adapter. For the log only, never for a client.
pub type Source = Box<dyn StdError + Send + Sync>;

/// Uniqueness rule that the database enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueKey {
    /// One user per e-mail address.
    UserEmail,
}

/// Errors of a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index rejected the write.
    #[error("conflict on {0:?}")]
    Conflict(UniqueKey),
    /// The database is unavailable, or too busy to answer in time. A later retry may succeed.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// Any other error. It is a defect of the service.
    #[error("the database failed")]
    Backend(#[source] Source),
}

/// Returns an error and its causes in one line, for the log.
#[must_use]
pub fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Returns an error and its causes in one line, to be stored: at most 500 characters.
pub(crate) fn in_one_line(error: &dyn StdError) -> String {
    with_causes(error).chars().take(500).collect()
}
