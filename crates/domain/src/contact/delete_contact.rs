//! Delete a contact.

use super::{
    ContactId, Expected,
    trash::{AT_ONCE, PurgeScope},
};
use crate::{
    Ports,
    account::UserId,
    picture::let_go,
    store::{StoreError, UnitOfWork},
};

/// Why the contact is still there.
#[derive(Debug, thiserror::Error)]
pub enum DeleteContactError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// It was changed since the writer read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Moves one of the owner's contacts into the trash, with its photo; its place in the book is free again.
///
/// # Errors
/// See [`DeleteContactError`].
pub async fn delete_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
) -> Result<(), DeleteContactError> {
    let mut unit = ports.store.begin().await?;
    let contact = unit.lock_contact(owner, id).await?.ok_or(DeleteContactError::NotFound)?;
    if !expected.admits(contact.version) {
        return Err(DeleteContactError::Stale);
    }
    discard(ports, &mut *unit, owner, &[id]).await?;
    unit.commit().await?;
    Ok(())
}

/// Moves contacts that the unit has locked into the trash, and out of it for good what is too much for it: who
/// adds and deletes for ever must not fill the disk.
pub(super) async fn discard(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    ids: &[ContactId],
) -> Result<(), StoreError> {
    unit.trash_contacts(owner, ids, ports.clock.now()).await?;
    let purged = unit.purge_trash(PurgeScope::Beyond(owner, ports.policy.trash_limit()), AT_ONCE).await?;
    let_go(ports, unit, purged.photos).await
}
