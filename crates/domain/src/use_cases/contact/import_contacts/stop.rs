//! Reasons for stopping an import.

use crate::{contact::import::ImportReport, error::StoreError, idempotency::IdempotencyKeyError};

/// Error of [`import_contacts`](super::import_contacts): the reason, and the report up to there. What the report lists is done, and remains.
#[derive(Debug, thiserror::Error)]
#[error("the import stopped")]
pub struct ImportContactsError<E> {
    /// The reason.
    pub stop: ImportStop<E>,
    /// The entries before it.
    pub report: ImportReport,
}

/// Reason for stopping an import.
#[derive(Debug, thiserror::Error)]
pub enum ImportStop<E> {
    /// The rest of the file cannot be read.
    #[error("the file cannot be read further")]
    Source(E),
    /// The idempotency key was used for another request.
    #[error(transparent)]
    Key(#[from] IdempotencyKeyError),
    /// The owner was deleted.
    #[error("no such user")]
    OwnerNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reason that does not lie in the file.
pub(super) type Stop = ImportStop<std::convert::Infallible>;

impl Stop {
    pub(super) fn of_any_source<E>(self) -> ImportStop<E> {
        match self {
            Self::Source(never) => match never {},
            Self::Key(error) => ImportStop::Key(error),
            Self::OwnerNotFound => ImportStop::OwnerNotFound,
            Self::Store(error) => ImportStop::Store(error),
        }
    }
}
