//! What the rules of contacts need of a store. "Own contacts only" by construction: every method
//! takes the owner, and MUST treat another owner's contact as one that does not exist; likewise, but in
//! [`trash`](super::trash), one that was deleted.

use std::ops::RangeInclusive;

use async_trait::async_trait;

use super::{Contact, ContactId, ContactPage, ContactQuery, MonthDay, TagCount};
use crate::{account::UserId, store::StoreError};

/// Reads of contacts, off the pool.
#[async_trait]
pub trait ContactQueries {
    /// One contact.
    async fn find_contact(&self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// A page, in the query's order, ids deciding between equals. Costs one statement for the
    /// items and at most one for the total, whatever the number of contacts.
    async fn list_contacts(&self, owner: UserId, query: &ContactQuery) -> Result<ContactPage, StoreError>;

    /// Every contact whose birthday lies in one of the ranges (both ends in), in any order.
    async fn contacts_with_birthday_in(
        &self,
        owner: UserId,
        ranges: &[RangeInclusive<MonthDay>],
    ) -> Result<Vec<Contact>, StoreError>;

    /// Every spelling of a tag, and how many contacts write it so, in any order. Costs one statement.
    async fn tag_spellings(&self, owner: UserId) -> Result<Vec<TagCount>, StoreError>;
}

/// How many contacts an owner has outside the trash, known to stay so until the unit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Contacts at this moment.
    pub used: u64,
}

/// Contacts in a unit of work.
#[async_trait]
pub trait ContactRepository {
    /// Counts an owner's contacts and locks the count: until this unit ends, no other unit gets
    /// past this call for the same owner. `None` when the owner does not exist.
    async fn count_contacts_locked(&mut self, owner: UserId) -> Result<Option<Quota>, StoreError>;

    /// Adds contacts. Costs some statements, never one for each.
    async fn insert_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError>;

    /// One contact, locked: until this unit ends no other unit gets past this call for it.
    async fn lock_contact(&mut self, owner: UserId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// Those of the contacts that are there, in any order, locked like [`ContactRepository::lock_contact`], in one
    /// order for all units. Costs one statement.
    async fn lock_contacts(&mut self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError>;

    /// Writes details, photo, version and time of a contact that [`ContactRepository::lock_contact`]
    /// returned in this unit.
    async fn update_contact(&mut self, contact: &Contact) -> Result<(), StoreError>;

    /// The same of several contacts of one owner that were locked in this unit. Costs some statements, never one
    /// for each.
    async fn update_contacts(&mut self, contacts: &[Contact]) -> Result<(), StoreError>;
}
