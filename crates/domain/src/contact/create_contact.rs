//! Create a contact.

use super::{Contact, ContactDetails, ContactDraft, ContactId, DetailFault, Version};
use crate::{
    Ports,
    account::UserId,
    idempotency::{Idempotent, KeyRefusal},
    store::{StoreError, UnitOfWork},
    time::Instant,
};

/// A contact that is there because it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The contact as it is now.
    pub contact: Contact,
    /// Whether it was made when the request came before.
    pub is_replay: bool,
}

/// Why there is no new contact.
#[derive(Debug, thiserror::Error)]
pub enum CreateContactError {
    /// The details break a rule.
    #[error("the contact is not valid")]
    Invalid(Vec<DetailFault>),
    /// The idempotency key cannot be answered for.
    #[error(transparent)]
    Key(#[from] KeyRefusal),
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
/// judged, so the limit holds however many come at once. A request that is `idempotent` and was done
/// before gives what it made then, and changes nothing; one that was refused is tried anew.
///
/// # Errors
/// See [`CreateContactError`].
pub async fn create_contact(
    ports: &Ports,
    owner: UserId,
    draft: ContactDraft,
    idempotent: Option<&Idempotent>,
) -> Result<Created, CreateContactError> {
    let now = ports.clock.now();
    let details =
        ContactDetails::check(draft, ContactDetails::last_birthday(now)).map_err(CreateContactError::Invalid)?;
    let id = ContactId(ports.ids.next_id());
    let contact =
        Contact { id, owner, details, photo: None, version: Version::FIRST, created_at: now, updated_at: now };

    let limit = ports.policy.contact_limit;
    let mut unit = ports.store.begin().await?;
    let quota = unit.count_contacts_locked(owner).await?.ok_or(CreateContactError::OwnerGone)?;
    // Behind the lock: of two requests with one key, the second finds what the first has made.
    if let Some(contact) = made_before(&mut *unit, owner, idempotent, now).await? {
        return Ok(Created { contact, is_replay: true });
    }
    if quota.used >= limit {
        return Err(CreateContactError::LimitReached { limit });
    }
    unit.insert_contacts(std::slice::from_ref(&contact)).await?;
    if let Some(idempotent) = idempotent {
        unit.remember_idempotency_key(owner, &idempotent.key, &idempotent.has_done(vec![id], now)).await?;
    }
    unit.commit().await?;
    Ok(Created { contact, is_replay: false })
}

/// What the request made when it came before, as it is now.
async fn made_before(
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    idempotent: Option<&Idempotent>,
    now: Instant,
) -> Result<Option<Contact>, CreateContactError> {
    let Some(idempotent) = idempotent else { return Ok(None) };
    let known = unit.find_idempotency_key(owner, &idempotent.key).await?;
    let Some(made) = idempotent.done_before(known, now)? else { return Ok(None) };
    let id = made.first().ok_or(KeyRefusal::Spent)?;
    let contact = unit.lock_contact(owner, *id).await?;
    Ok(Some(contact.ok_or(KeyRefusal::Spent)?))
}
