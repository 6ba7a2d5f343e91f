//! Storage of contacts.
//!
//! Invariant: owners access only their own contacts. Every method that finds contacts takes the owner, and MUST treat a contact of another
//! owner as nonexistent. The same applies to trashed contacts, except in [`trash`](super::trash).

use async_trait::async_trait;

use super::{Contact, ContactQuery, Filter, Tag};
use crate::{
    error::StoreError,
    ids::{ContactId, UserId},
};

/// Reads of contacts, directly from the pool.
#[async_trait]
pub trait ContactQueries {
    /// Returns a contact.
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Returns the contacts that match the query, in its order, then by id. Costs one statement.
    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<Vec<Contact>, StoreError>;

    /// Returns the contacts of several queries: those of the first query, then those of the second one, and so on, at most
    /// `limit` of them. Each query also has its own limit. Costs one statement.
    async fn list_in_sequence(
        &self,
        owner: UserId,
        queries: &[ContactQuery],
        limit: u64,
    ) -> Result<Vec<Contact>, StoreError>;

    /// Returns the number of contacts that match a filter. Costs one statement.
    async fn count_contacts(&self, owner: UserId, filter: &Filter) -> Result<u64, StoreError>;

    /// Returns every spelling of each tag with its number of contacts, in any order. Costs one statement.
    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError>;
}

/// Tag with the number of contacts that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagCount {
    /// The tag.
    pub tag: Tag,
    /// Number of contacts.
    pub count: u64,
}

/// Number of contacts of a user, and the limit of this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactCount {
    /// Number of contacts, without the trash.
    pub contacts: u64,
    /// Maximum that the operator has set for this user. `None`: the limit of all users.
    pub own_limit: Option<u64>,
}

/// Contacts in a unit of work.
#[async_trait]
pub trait ContactRepository {
    /// Adds `change` to the number of contacts of an owner, without the trash, and returns the new number
    /// with the limit of the owner. Returns `None` when the owner does not exist. Costs one statement.
    ///
    /// It also locks the number: until this unit ends, other units wait in this call for the same owner. So each unit
    /// that adds, trashes or restores contacts MUST call it first, with the change that the unit makes.
    async fn change_contact_count(&mut self, owner: UserId, change: i64) -> Result<Option<ContactCount>, StoreError>;

    /// Adds contacts. The number of statements does not grow with each contact.
    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError>;

    /// Returns a contact, locked: until this unit ends, other units wait in this call for the same contact.
    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Returns the existing ones of these contacts, in any order, locked as by [`ContactRepository::lock_contact`]. All
    /// units lock in the same order. Costs one statement.
    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError>;

    /// Stores card, photo, version and time of change of a contact that [`ContactRepository::lock_contact`] returned
    /// in this unit.
    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError>;

    /// Stores the same for several contacts of one owner that were locked in this unit. The number of statements does
    /// not grow with each contact.
    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError>;
}
