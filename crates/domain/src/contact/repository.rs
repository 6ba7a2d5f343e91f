//! Storage of contacts.
//!
//! Invariant: owners access only their own contacts. Every method that finds contacts takes the owner, and MUST treat a contact of another
//! owner as nonexistent. The same applies to trashed contacts, except in [`trash`](super::trash).

use async_trait::async_trait;

use super::{Contact, ContactQuery, Cursor, Filter, Sort, Tag, TakenNumbers};
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

    /// Returns the number of contacts that match a filter. With `after`, counts only those after that position in that
    /// order. Costs one statement.
    async fn count_contacts(
        &self,
        owner: UserId,
        filter: &Filter,
        after: Option<(&Sort, &Cursor)>,
    ) -> Result<u64, StoreError>;

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

/// Creation of a contact without a unit of work.
#[async_trait]
pub trait ContactCreation {
    /// Adds a contact with the next change number of its owner, which replaces its own, as one unit. `limit` is the maximum
    /// number of contacts of an owner without an own limit.
    ///
    /// It is the fastest way to add one contact: what is derived from the card is computed before the owner is locked, and on
    /// PostgreSQL all is one statement.
    async fn create_contact(&self, contact: Contact, limit: u64) -> Result<Creation, StoreError>;
}

/// Result of [`ContactCreation::create_contact`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    /// The contact as it is stored.
    Created(Contact),
    /// The owner already has this maximum number of contacts.
    LimitReached(u64),
    /// The owner does not exist.
    OwnerNotFound,
}

/// Contacts in a unit of work.
///
/// Each unit that adds, changes, trashes or restores contacts MUST first take numbers for its changes, before it locks a
/// contact. It MUST write each contact with a number of its own. So the address book of an owner has one writer at a
/// time, and no two units can deadlock.
#[async_trait]
pub trait ContactRepository {
    /// Takes the next `numbers` change numbers of an owner. Each is greater than every number that a unit has taken and
    /// committed before. Those of a unit that does not commit are taken again.
    ///
    /// Adds `added` to the number of contacts, without the trash, and returns the new number with the limit of the owner.
    /// Returns `None` when the owner does not exist. Costs one statement.
    ///
    /// It also locks the numbers: until this unit ends, other units wait in this call for the same owner. So a caller that
    /// reads a change also finds all changes with smaller numbers.
    async fn take_change_numbers(
        &mut self,
        owner: UserId,
        numbers: u64,
        added: i64,
    ) -> Result<Option<TakenNumbers>, StoreError>;

    /// Adds contacts. The number of statements does not grow with each contact.
    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError>;

    /// Returns a contact, locked: until this unit ends, other units wait in this call for the same contact.
    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Returns the existing ones of these contacts, in any order, locked as by [`ContactRepository::lock_contact`]. All
    /// units lock in the same order. Costs one statement.
    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError>;

    /// Stores card, photo, number and time of the change of a contact that [`ContactRepository::lock_contact`] returned
    /// in this unit.
    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError>;

    /// Stores the same for several contacts of one owner that were locked in this unit. The number of statements does
    /// not grow with each contact.
    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError>;
}
