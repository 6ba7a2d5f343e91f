//! Replaces or patches the card of a contact.

use crate::{
    contact::{CardError, CardPatch, Contact, Expected, PatchError, UnreadableContact, ValidCard},
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
};

/// Errors of [`replace_contact`] and [`patch_contact`].
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

/// Replaces the card of a contact. The same card again changes nothing, not even the version.
///
/// # Errors
/// See [`EditContactError`].
pub async fn replace_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    card: ValidCard,
) -> Result<Contact, EditContactError> {
    edit(ports, owner, id, expected, |_| Ok(card)).await
}

/// Changes some members of the card of a contact.
///
/// # Errors
/// See [`EditContactError`].
pub async fn patch_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    patch: CardPatch,
) -> Result<Contact, EditContactError> {
    let change = |old: &Contact| {
        patch.apply(&old.card).map_err(|error| match error {
            PatchError::Invalid(errors) => EditContactError::Invalid(errors),
            PatchError::Unreadable(_) => EditContactError::Store(UnreadableContact(old.id).into()),
        })
    };
    edit(ports, owner, id, expected, change).await
}

async fn edit(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    change: impl FnOnce(&Contact) -> Result<ValidCard, EditContactError> + Send,
) -> Result<Contact, EditContactError> {
    let mut unit = ports.store.begin().await?;
    let old = unit.lock_contact(owner, id).await?.ok_or(EditContactError::NotFound)?;
    if !expected.admits(old.version) {
        return Err(EditContactError::Stale);
    }
    let card = change(&old)?;
    let Some(contact) = old.with_card(&card, ports.clock.now()) else { return Ok(old) };
    unit.update_contact(&contact).await?;
    unit.commit().await?;
    Ok(contact)
}
