//! Permanently deletes one contact in the trash.

use crate::{
    contact::trash::PurgeScope,
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
    use_cases::steps::purge_trash,
};

/// Errors of [`purge_trashed_contact`].
#[derive(Debug, thiserror::Error)]
pub enum PurgeTrashedContactError {
    /// The trash of the owner has no such contact.
    #[error("no such contact in the trash")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Permanently deletes one contact in the owner's trash, with its photo.
///
/// # Errors
/// See [`PurgeTrashedContactError`].
pub async fn purge_trashed_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
) -> Result<(), PurgeTrashedContactError> {
    match purge_trash(ports, PurgeScope::One(owner, id)).await? {
        0 => Err(PurgeTrashedContactError::NotFound),
        _ => Ok(()),
    }
}
