//! Storage of the trash. Owners access only their own contacts, as with all contacts.

use async_trait::async_trait;

use super::{TrashPosition, TrashedContact};
use crate::{
    contact::{ChangeNumber, Contact},
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};

/// Reads of the trash, directly from the pool.
#[async_trait]
pub trait TrashQueries {
    /// Returns at most `limit` contacts of the owner's trash, after a position or from the beginning. Costs one
    /// statement.
    async fn list_trash(
        &self,
        owner: UserId,
        after: Option<TrashPosition>,
        limit: u64,
    ) -> Result<Vec<TrashedContact>, StoreError>;

    /// Returns the number of contacts in the owner's trash. Costs one statement.
    async fn count_trash(&self, owner: UserId) -> Result<u64, StoreError>;

    /// Returns at most `limit` contacts of the owner, in the trash or not, with ids greater than `after`, by ascending
    /// id. Each comes with its time of deletion if it is in the trash.
    async fn held_contacts(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<(Contact, Option<Timestamp>)>, StoreError>;

    /// Returns the existing ones of these contacts of the owner, in the trash or not, in any order. Costs one statement.
    async fn held_contacts_among(&self, owner: UserId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError>;
}

/// Contacts in the trash to delete permanently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeScope {
    /// One contact of the owner.
    One(UserId, ContactId),
    /// All contacts of the owner.
    AllOf(UserId),
    /// Contacts of the owner beyond this number, the earliest deleted ones.
    Surplus(UserId, u64),
    /// Contacts of all owners that were deleted before this time.
    DeletedBefore(Timestamp),
}

/// Permanently deleted contacts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// Number of contacts.
    pub contacts: u64,
    /// Photos of the contacts.
    pub photos: Vec<PictureKey>,
}

/// The trash in a unit of work.
#[async_trait]
pub trait TrashRepository {
    /// Moves some hundreds of contacts at most into the trash, each with the number of this change. They MUST be locked
    /// in this unit. From then on no other read or lock finds them. A restore finds them as they were. Costs one
    /// statement.
    async fn trash_contacts(
        &mut self,
        owner: UserId,
        contacts: &[(ContactId, ChangeNumber)],
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns a contact in the trash, locked: until this unit ends, other units wait in this call for the same
    /// contact.
    async fn lock_trashed_contact(
        &mut self,
        owner: UserId,
        id: ContactId,
    ) -> Result<Option<TrashedContact>, StoreError>;

    /// Restores a contact that [`TrashRepository::lock_trashed_contact`] returned in this unit, and stores the
    /// number and time of this change.
    async fn untrash_contact(&mut self, contact: &Contact) -> Result<(), StoreError>;

    /// Permanently deletes at most `limit` contacts in the trash, some hundreds. MUST return each photo exactly once,
    /// for any number of concurrent calls. MUST NOT touch a contact that is not in the trash or was restored
    /// concurrently.
    ///
    /// Records each as a deletion, with the number that it got in the trash. So clients that follow the address book still
    /// read that it is deleted.
    ///
    /// For [`PurgeScope::Surplus`] and [`PurgeScope::DeletedBefore`] it may skip contacts that another unit has locked.
    async fn purge_trash(&mut self, scope: PurgeScope, limit: u64) -> Result<Purged, StoreError>;
}
