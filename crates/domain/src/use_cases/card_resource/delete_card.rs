//! Deletes the card with a name: a contact is moved into the trash, and a group is removed.

use crate::{
    contact::card_resource::{CardContent, CardName, CardPrecondition},
    error::StoreError,
    ids::UserId,
    ports::Ports,
    use_cases::steps::move_to_trash,
};

/// Errors of [`delete_card`].
#[derive(Debug, thiserror::Error)]
pub enum DeleteCardError {
    /// The owner has no card with this name.
    #[error("no such card")]
    NotFound,
    /// The state of the card is not one that the client accepts.
    #[error("the card was changed meanwhile")]
    PreconditionFailed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Deletes the card with a name. A contact can be restored from the trash, a group cannot.
///
/// # Errors
/// See [`DeleteCardError`].
pub async fn delete_card(
    ports: &Ports,
    owner: UserId,
    name: &CardName,
    precondition: &CardPrecondition,
) -> Result<(), DeleteCardError> {
    let mut unit = ports.store.begin().await?;
    let taken = unit.take_change_numbers(owner, 1, 0).await?.ok_or(DeleteCardError::NotFound)?;
    let found = unit.lock_card_resource(owner, name).await?.ok_or(DeleteCardError::NotFound)?;
    if !precondition.admits(Some(&found)) {
        return Err(DeleteCardError::PreconditionFailed);
    }
    match found.content {
        CardContent::Contact(contact) => {
            unit.take_change_numbers(owner, 0, -1).await?;
            let ports = &Ports { policy: ports.policy.with_contact_limit(taken.own_limit), ..ports.clone() };
            move_to_trash(ports, &mut *unit, owner, &[(contact.0.id, taken.first)]).await?;
        }
        CardContent::Group(_) => {
            unit.remove_group_card(owner, name).await?;
            unit.record_removed_name(owner, taken.first, name).await?;
        }
    }
    unit.commit().await?;
    Ok(())
}
