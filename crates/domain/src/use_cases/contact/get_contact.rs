//! Returns one contact of its owner.

use crate::{
    contact::Contact,
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
};

/// Errors of [`get_contact`].
#[derive(Debug, thiserror::Error)]
pub enum GetContactError {
    /// The owner has no such contact.
    #[error("no such contact")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns a contact of the owner.
///
/// # Errors
/// See [`GetContactError`].
pub async fn get_contact(ports: &Ports, owner: UserId, id: ContactId) -> Result<Contact, GetContactError> {
    ports.store.find_contact(owner, id).await?.ok_or(GetContactError::NotFound)
}
