//! Delete a contact.

use super::{ContactId, Expected};
use crate::{Ports, account::UserId, picture::let_go, store::StoreError};

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

/// Removes one of the owner's contacts with its photo; its place in the book is free again.
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
    unit.delete_contact(owner, id).await?;
    let_go(ports, &mut *unit, contact.photo).await?;
    unit.commit().await?;
    Ok(())
}
