//! Take a contact out of the trash.

use crate::{
    Ports,
    account::UserId,
    contact::{Contact, ContactId, Expected},
    store::StoreError,
};

/// Why the contact is where it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreContactError {
    /// The owner has no such contact, neither in the trash nor outside.
    #[error("no such contact")]
    NotFound,
    /// It was changed since the writer read it.
    #[error("the contact was changed meanwhile")]
    Stale,
    /// The owner has as many contacts as they may.
    #[error("the limit of {limit} contacts is reached")]
    LimitReached {
        /// The limit.
        limit: u64,
    },
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a deleted contact back, with its photo, unless the book is full. One that is not in the trash is
/// returned as it is: whoever asks twice is not told off.
///
/// # Errors
/// See [`RestoreContactError`].
pub async fn restore_contact(
    ports: &Ports,
    owner: UserId,
    id: ContactId,
    expected: &Expected,
) -> Result<Contact, RestoreContactError> {
    let limit = ports.policy.contact_limit;
    let mut unit = ports.store.begin().await?;
    // The count first, as everybody who needs both locks does.
    let quota = unit.count_contacts_locked(owner).await?.ok_or(RestoreContactError::NotFound)?;
    let Some(trashed) = unit.lock_trashed_contact(owner, id).await? else {
        let there = unit.lock_contact(owner, id).await?.ok_or(RestoreContactError::NotFound)?;
        return if expected.admits(there.version) { Ok(there) } else { Err(RestoreContactError::Stale) };
    };
    let contact = trashed.contact;
    if !expected.admits(contact.version) {
        return Err(RestoreContactError::Stale);
    }
    if quota.used >= limit {
        return Err(RestoreContactError::LimitReached { limit });
    }
    let contact = Contact { version: contact.version.next(), updated_at: ports.clock.now(), ..contact };
    unit.untrash_contact(&contact).await?;
    unit.commit().await?;
    Ok(contact)
}
