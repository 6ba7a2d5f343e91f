//! Remove what is in the trash for good.

use super::{PurgeScope, TRASH_RETENTION};
use crate::{Ports, account::UserId, contact::ContactId, picture::let_go, store::StoreError};

/// Contacts that go in one unit: a unit must not be long.
pub(in crate::contact) const AT_ONCE: u64 = 500;

/// Why the contact is still in the trash.
#[derive(Debug, thiserror::Error)]
pub enum PurgeTrashedContactError {
    /// There is no such contact in the owner's trash.
    #[error("no such contact in the trash")]
    NotFound,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes everything in the owner's trash, with its photos.
///
/// # Errors
/// Only what the store reports.
pub async fn empty_trash(ports: &Ports, owner: UserId) -> Result<(), StoreError> {
    purge_all(ports, PurgeScope::AllOf(owner)).await?;
    Ok(())
}

/// Removes one contact of the owner's trash, with its photo.
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

/// Removes what has been in anybody's trash for longer than [`TRASH_RETENTION`], and says how many that were.
///
/// # Errors
/// Only what the store reports.
pub async fn purge_old_trash(ports: &Ports) -> Result<u64, StoreError> {
    purge_all(ports, PurgeScope::DeletedBefore(ports.clock.now() - TRASH_RETENTION)).await
}

async fn purge_all(ports: &Ports, scope: PurgeScope) -> Result<u64, StoreError> {
    let mut all = 0;
    loop {
        let contacts = purge(ports, scope).await?;
        all += contacts;
        if contacts < AT_ONCE {
            return Ok(all);
        }
    }
}

async fn purge(ports: &Ports, scope: PurgeScope) -> Result<u64, StoreError> {
    let mut unit = ports.store.begin().await?;
    let purged = unit.purge_trash(scope, AT_ONCE).await?;
    let_go(ports, &mut *unit, purged.photos).await?;
    unit.commit().await?;
    Ok(purged.contacts)
}
