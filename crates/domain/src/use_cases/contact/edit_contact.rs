//! Replaces or patches the details of a contact.

use crate::{
    contact::{Contact, ContactDetails, ContactDraft, ContactPatch, DetailError, Expected},
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
    /// The new details are invalid.
    #[error("the contact is not valid")]
    Invalid(Vec<DetailError>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces all details of a contact.
///
/// # Errors
/// See [`EditContactError`].
pub async fn replace_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    draft: ContactDraft,
) -> Result<Contact, EditContactError> {
    edit(ports, owner, id, expected, |_| draft).await
}

/// Changes some details of a contact.
///
/// # Errors
/// See [`EditContactError`].
pub async fn patch_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    patch: ContactPatch,
) -> Result<Contact, EditContactError> {
    edit(ports, owner, id, expected, |old| patch.apply(old)).await
}

async fn edit(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
    change: impl FnOnce(ContactDraft) -> ContactDraft + Send,
) -> Result<Contact, EditContactError> {
    let mut unit = ports.store.begin().await?;
    let old = unit.lock_contact(owner, id).await?.ok_or(EditContactError::NotFound)?;
    if !expected.admits(old.version) {
        return Err(EditContactError::Stale);
    }
    let now = ports.clock.now();
    let draft = change(old.details.into_draft());
    let details =
        ContactDetails::check(draft, ContactDetails::last_birthday(now)).map_err(EditContactError::Invalid)?;
    let contact = Contact { details, version: old.version.next(), updated_at: now, ..old };
    unit.update_contact(&contact).await?;
    unit.commit().await?;
    Ok(contact)
}
