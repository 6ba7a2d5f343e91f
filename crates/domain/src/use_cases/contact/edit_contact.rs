//! Replaces or patches the card of a contact.

use crate::{
    contact::{CardError, CardPatch, Contact, Expected, PatchError, ValidCard},
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

impl From<PatchError> for EditContactError {
    fn from(error: PatchError) -> Self {
        match error {
            PatchError::Invalid(errors) => Self::Invalid(errors),
            PatchError::Unreadable(error) => Self::Store(error.into()),
        }
    }
}

/// Replaces the card of a contact.
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
    edit(ports, owner, id, expected, |old| Ok(patch.apply(&old.card.parse().map_err(StoreError::from)?)?)).await
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
    let contact = old.with_card(&card, ports.clock.now());
    unit.update_contact(&contact).await?;
    unit.commit().await?;
    Ok(contact)
}
