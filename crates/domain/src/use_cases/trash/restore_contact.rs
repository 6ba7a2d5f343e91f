//! Restores a contact from the trash.

use crate::{
    contact::{
        ChangeNumber, Contact, Expected,
        card_resource::CardName,
        received::{CardUid, ReceivedCard, ReceivedText},
    },
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
    store::UnitOfWork,
};

/// Errors of [`restore_contact`].
#[derive(Debug, thiserror::Error)]
pub enum RestoreContactError {
    /// The owner has no such contact, neither in the trash nor outside.
    #[error("no such contact")]
    NotFound,
    /// The contact was changed after the client read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// The owner already has the maximum number of contacts.
    #[error("the limit of {limit} contacts is reached")]
    LimitReached {
        /// The maximum number of contacts.
        limit: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Restores a deleted contact with its photo, unless the contact limit is reached. A contact that is not in the trash
/// is returned unchanged, so a repeated request succeeds.
///
/// # Errors
/// See [`RestoreContactError`].
pub async fn restore_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
) -> Result<Contact, RestoreContactError> {
    // A contact in the trash has its received card.
    let received = ports.store.received_cards(owner, &[id]).await?.pop();
    let mut unit = ports.store.begin().await?;
    let taken = unit.take_change_numbers(owner, 1, 1).await?.ok_or(RestoreContactError::NotFound)?;
    let Some(trashed) = unit.lock_trashed_contact(owner, id).await? else {
        let contact = unit.lock_contact(owner, id).await?.ok_or(RestoreContactError::NotFound)?;
        return if expected.admits(contact.change) { Ok(contact) } else { Err(RestoreContactError::Stale) };
    };
    let contact = trashed.contact;
    if !expected.admits(contact.change) {
        return Err(RestoreContactError::Stale);
    }
    let limit = ports.policy.with_contact_limit(taken.own_limit).contact_limit;
    if taken.contacts > limit {
        return Err(RestoreContactError::LimitReached { limit });
    }
    let contact = Contact { change: taken.first, updated_at: ports.clock.now(), ..contact };
    yield_name(ports, &mut *unit, owner, id).await?;
    yield_uid(ports, &mut *unit, &contact, received).await?;
    unit.untrash_contact(&contact).await?;
    unit.commit().await?;
    Ok(contact)
}

/// Gives the contact a new name if another card has its name.
async fn yield_name(ports: &Ports, unit: &mut dyn UnitOfWork, owner: UserId, id: ContactId) -> Result<(), StoreError> {
    let Some(name) = unit.name_of_contact(owner, id).await? else { return Ok(()) };
    if unit.lock_card_resource(owner, &name).await?.is_some() {
        unit.name_contact(owner, id, &CardName::of_contact(ContactId(ports.ids.next_id()))).await?;
    }
    Ok(())
}

/// Gives the contact a new UID if another card has its UID: its id, if that is free.
async fn yield_uid(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    contact: &Contact,
    received: Option<ReceivedCard>,
) -> Result<(), StoreError> {
    let own = CardUid::of_contact(contact.id);
    let uid = received.as_ref().map_or(&own, |received| &received.uid);
    if unit.card_with_uid(contact.owner, uid).await?.is_none() {
        return Ok(());
    }
    let is_free = *uid != own && unit.card_with_uid(contact.owner, &own).await?.is_none();
    let uid = if is_free { own } else { CardUid::of_contact(ContactId(ports.ids.next_id())) };
    let text = received.map_or_else(ReceivedText::empty, |received| received.text);
    // No contact has this number, so the text is not served as it is.
    let changed = ReceivedCard { contact: contact.id, uid, change: ChangeNumber(0), text };
    unit.put_received_cards(contact.owner, &[changed]).await
}
