//! Changes the card of a contact, if the client knows its current state.

use crate::{
    contact::{CardError, Contact, Expected, ValidCard},
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
};

/// Errors of replacing and patching a contact.
#[derive(Debug, thiserror::Error)]
pub enum EditContactError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// The contact was changed after the client read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// The changed card is invalid.
    #[error("the contact is not valid")]
    Invalid(Vec<CardError>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the changed card. The same card again changes nothing, and takes no number.
pub(crate) async fn change_card(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    change: impl FnOnce(&Contact) -> Result<ValidCard, EditContactError> + Send,
) -> Result<Contact, EditContactError> {
    let mut unit = ports.store.begin().await?;
    let taken = unit.take_change_numbers(owner, 1, 0).await?.ok_or(EditContactError::NotFound)?;
    let old = unit.lock_contact(owner, id).await?.ok_or(EditContactError::NotFound)?;
    if !expected.admits(old.change) {
        return Err(EditContactError::Stale);
    }
    let card = change(&old)?;
    let Some(contact) = old.with_card(&card, taken.first, ports.clock.now()) else { return Ok(old) };
    unit.update_contact(&contact).await?;
    unit.commit().await?;
    Ok(contact)
}
