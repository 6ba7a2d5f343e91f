//! What the rules of the trash need of a store. "Own contacts only", as with all contacts.

use async_trait::async_trait;

use super::{TrashPage, TrashPlace, TrashedContact};
use crate::{
    account::UserId,
    contact::{Contact, ContactId},
    picture::PictureKey,
    store::StoreError,
    time::Instant,
};

/// Reads of the trash, off the pool.
#[async_trait]
pub trait TrashQueries {
    /// Up to `limit` contacts of the owner's trash behind a place, or from its beginning. Costs one statement for
    /// the items and at most one for the total.
    async fn list_trash(&self, owner: UserId, after: Option<TrashPlace>, limit: u64) -> Result<TrashPage, StoreError>;

    /// Up to `limit` of the owner's contacts, in the trash or not, with greater ids than that one, by their ids; and
    /// when those in the trash were deleted.
    async fn held_contacts(
        &self,
        owner: UserId,
        after: Option<ContactId>,
        limit: u64,
    ) -> Result<Vec<(Contact, Option<Instant>)>, StoreError>;
}

/// What goes from the trash for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeScope {
    /// One of the owner's.
    One(UserId, ContactId),
    /// The owner's.
    AllOf(UserId),
    /// Those of the owner's beyond so many, the longest deleted ones.
    Beyond(UserId, u64),
    /// Anybody's that were deleted before a moment.
    DeletedBefore(Instant),
}

/// What went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// How many contacts.
    pub contacts: u64,
    /// The photos that they pointed to.
    pub photos: Vec<PictureKey>,
}

/// The trash in a unit of work.
#[async_trait]
pub trait TrashRepository {
    /// Moves contacts into the trash, some hundreds at most, which were locked in this unit. From then on no other read or lock finds them.
    async fn trash_contacts(&mut self, owner: UserId, ids: &[ContactId], at: Instant) -> Result<(), StoreError>;

    /// One contact in the trash, locked: until this unit ends no other unit gets past this call for it.
    async fn lock_trashed_contact(
        &mut self,
        owner: UserId,
        id: ContactId,
    ) -> Result<Option<TrashedContact>, StoreError>;

    /// Takes a contact back that [`TrashRepository::lock_trashed_contact`] returned in this unit, and writes its
    /// version and time of change.
    async fn untrash_contact(&mut self, contact: &Contact) -> Result<(), StoreError>;

    /// Removes contacts of the trash for good, `limit` of them at most, some hundreds. MUST return each photo exactly once, however many purge at the same
    /// time, and never touch a contact that is not in the trash or was restored meanwhile. Of
    /// [`PurgeScope::Beyond`] and [`PurgeScope::DeletedBefore`] it may leave out what another unit has locked.
    async fn purge_trash(&mut self, scope: PurgeScope, limit: u64) -> Result<Purged, StoreError>;
}
