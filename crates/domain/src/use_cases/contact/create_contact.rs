//! Creates a contact within the contact limit, once for each idempotency key.

use crate::{
    contact::{ChangeNumber, Contact, Creation, ValidCard},
    error::StoreError,
    idempotency::{IdempotencyKeyError, Idempotent},
    ids::{ContactId, UserId},
    ports::Ports,
    store::UnitOfWork,
    time::Timestamp,
};

/// Result of [`create_contact`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The current contact.
    pub contact: Contact,
    /// True when an earlier request with the same key created the contact.
    pub is_replay: bool,
}

/// Errors of [`create_contact`].
#[derive(Debug, thiserror::Error)]
pub enum CreateContactError {
    /// The idempotency key was used for another request, or its contact was deleted.
    #[error(transparent)]
    Key(#[from] IdempotencyKeyError),
    /// The owner already has the maximum number of contacts.
    #[error("the limit of {limit} contacts is reached")]
    LimitReached {
        /// The maximum number of contacts.
        limit: u64,
    },
    /// The owner was deleted.
    #[error("no such user")]
    OwnerNotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a contact to the address book of its owner, unless the contact limit is reached. The statement that raises
/// the count also checks it or locks it, so the limit holds for concurrent requests.
///
/// A repeated request with an idempotency key returns the contact of the first one and changes nothing. A repeated
/// request whose first attempt was rejected is processed again.
///
/// # Errors
/// See [`CreateContactError`].
pub async fn create_contact(
    ports: &Ports,
    owner: UserId,
    card: &ValidCard,
    idempotent: Option<&Idempotent>,
) -> Result<Created, CreateContactError> {
    let now = ports.clock.now();
    let id = ContactId(ports.ids.next_id());
    let contact = Contact::new(id, owner, card, ChangeNumber(0), now);
    match idempotent {
        Some(idempotent) => create_once(ports, contact, idempotent, now).await,
        None => match ports.store.create_contact(contact, ports.policy.contact_limit).await? {
            Creation::Created(contact) => Ok(Created { contact, is_replay: false }),
            Creation::LimitReached(limit) => Err(CreateContactError::LimitReached { limit }),
            Creation::OwnerNotFound => Err(CreateContactError::OwnerNotFound),
        },
    }
}

async fn create_once(
    ports: &Ports,
    contact: Contact,
    idempotent: &Idempotent,
    now: Timestamp,
) -> Result<Created, CreateContactError> {
    let owner = contact.owner;
    let mut unit = ports.store.begin().await?;
    let taken = unit.take_change_numbers(owner, 1, 1).await?.ok_or(CreateContactError::OwnerNotFound)?;
    // Checked under the lock: of two requests with one key, the second finds the contact of the first.
    if let Some(contact) = replayed_contact(&mut *unit, owner, idempotent, now).await? {
        return Ok(Created { contact, is_replay: true });
    }
    let limit = ports.policy.with_contact_limit(taken.own_limit).contact_limit;
    if taken.contacts > limit {
        return Err(CreateContactError::LimitReached { limit });
    }
    let contact = Contact { change: taken.first, ..contact };
    unit.insert_contacts(std::slice::from_ref(&contact)).await?;
    unit.remember_idempotency_key(owner, &idempotent.key, &idempotent.result(vec![contact.id], now)).await?;
    unit.commit().await?;
    Ok(Created { contact, is_replay: false })
}

/// Returns the contact, in its current state, that an earlier request with the same key created.
async fn replayed_contact(
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    idempotent: &Idempotent,
    now: Timestamp,
) -> Result<Option<Contact>, CreateContactError> {
    let known = unit.find_idempotency_key(owner, &idempotent.key).await?;
    let Some(ids) = idempotent.earlier_contacts(known, now)? else { return Ok(None) };
    let id = ids.first().ok_or(IdempotencyKeyError::Spent)?;
    let contact = unit.lock_contact(owner, *id).await?;
    Ok(Some(contact.ok_or(IdempotencyKeyError::Spent)?))
}
