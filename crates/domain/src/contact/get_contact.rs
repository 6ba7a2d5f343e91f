//! Get one contact.

use super::{Contact, ContactId};
use crate::{Ports, account::UserId, store::StoreError};

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum GetContactError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One of the owner's contacts.
///
/// # Errors
/// See [`GetContactError`].
pub async fn get_contact(ports: &Ports, owner: UserId, id: ContactId) -> Result<Contact, GetContactError> {
    ports.store.find_contact(owner, id).await?.ok_or(GetContactError::NotFound)
}
