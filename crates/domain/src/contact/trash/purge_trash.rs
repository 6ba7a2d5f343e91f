//! Permanently deletes contacts in the trash.

use super::{PurgeScope, TRASH_RETENTION};
use crate::{Ports, account::UserId, contact::ContactId, picture::release, store::StoreError};

/// Maximum number of contacts deleted in one unit. A unit must be short.
pub(in crate::contact) const AT_ONCE: u64 = 500;

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

/// Permanently deletes all contacts in the owner's trash, with their photos.
///
/// # Errors
/// Errors of the store.
pub async fn empty_trash(ports: &Ports, owner: UserId) -> Result<(), StoreError> {
    purge_all(ports, PurgeScope::AllOf(owner)).await?;
    Ok(())
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
    match purge(ports, PurgeScope::One(owner, id)).await? {
        0 => Err(PurgeTrashedContactError::NotFound),
        _ => Ok(()),
    }
}

/// Permanently deletes the contacts of all owners that have been in the trash for longer than [`TRASH_RETENTION`].
/// Returns their number.
///
/// # Errors
/// Errors of the store.
pub async fn purge_old_trash(ports: &Ports) -> Result<u64, StoreError> {
    purge_all(ports, PurgeScope::DeletedBefore(ports.clock.now() - TRASH_RETENTION)).await
}

async fn purge_all(ports: &Ports, scope: PurgeScope) -> Result<u64, StoreError> {
    let mut purged = 0;
    loop {
        let count = purge(ports, scope).await?;
        purged += count;
        if count < AT_ONCE {
            return Ok(purged);
        }
    }
}

async fn purge(ports: &Ports, scope: PurgeScope) -> Result<u64, StoreError> {
    let mut unit = ports.store.begin().await?;
    let purged = unit.purge_trash(scope, AT_ONCE).await?;
    release(ports, &mut *unit, purged.photos).await?;
    unit.commit().await?;
    Ok(purged.contacts)
}
