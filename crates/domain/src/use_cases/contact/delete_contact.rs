//! Moves a contact into the trash.

use crate::{
    contact::Expected,
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
    use_cases::steps::move_to_trash,
};

/// Errors of [`delete_contact`].
#[derive(Debug, thiserror::Error)]
pub enum DeleteContactError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// The contact was changed after the client read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Moves a contact of the owner into the trash, with its photo. The contact no longer counts towards the limit.
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
    let taken = unit.take_change_numbers(owner, 1, -1).await?.ok_or(DeleteContactError::NotFound)?;
    let contact = unit.lock_contact(owner, id).await?.ok_or(DeleteContactError::NotFound)?;
    if !expected.admits(contact.change) {
        return Err(DeleteContactError::Stale);
    }
    let ports = &Ports { policy: ports.policy.with_contact_limit(taken.own_limit), ..ports.clone() };
    move_to_trash(ports, &mut *unit, owner, &[(id, taken.first)]).await?;
    unit.commit().await?;
    Ok(())
}
