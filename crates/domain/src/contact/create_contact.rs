//! Create a contact.

use super::{Contact, ContactDetails, ContactDraft, ContactId, DetailFault, Version};
use crate::{Ports, account::UserId, store::StoreError};

/// Why there is no new contact.
#[derive(Debug, thiserror::Error)]
pub enum CreateContactError {
    /// The details break a rule.
    #[error("the contact is not valid")]
    Invalid(Vec<DetailFault>),
    /// The owner has as many contacts as they may.
    #[error("the limit of {limit} contacts is reached")]
    LimitReached {
        /// The limit.
        limit: u64,
    },
    /// The owner is gone.
    #[error("no such user")]
    OwnerGone,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a contact to its owner's book, unless the book is full. The count is locked while it is
/// judged, so the limit holds however many come at once.
///
/// # Errors
/// See [`CreateContactError`].
pub async fn create_contact(ports: &Ports, owner: UserId, draft: ContactDraft) -> Result<Contact, CreateContactError> {
    let now = ports.clock.now();
    let details =
        ContactDetails::check(draft, ContactDetails::last_birthday(now)).map_err(CreateContactError::Invalid)?;
    let id = ContactId(ports.ids.next_id());
    let contact =
        Contact { id, owner, details, photo: None, version: Version::FIRST, created_at: now, updated_at: now };

    let limit = ports.policy.contact_limit;
    let mut unit = ports.store.begin().await?;
    let quota = unit.count_contacts_locked(owner).await?.ok_or(CreateContactError::OwnerGone)?;
    if quota.used >= limit {
        return Err(CreateContactError::LimitReached { limit });
    }
    unit.insert_contacts(std::slice::from_ref(&contact)).await?;
    unit.commit().await?;
    Ok(contact)
}
