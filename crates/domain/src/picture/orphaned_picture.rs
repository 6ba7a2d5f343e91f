//! Orphaned pictures: stored pictures that are not referenced, or not yet.
//!
//! A picture store and a database cannot commit together. So the database has a record of every picture that may be
//! stored without a reference. The record is written before a picture is uploaded. It is removed in the transaction
//! that references the picture, and written again in the transaction that removes the reference. Whatever fails in
//! between, the record remains, and a worker removes the picture.
//!
//! A process may stall during an upload, for longer than any timeout, and then continue. So the record of an upload
//! without a known result is retained for a day, and its picture is removed repeatedly: it may not have arrived yet.

use async_trait::async_trait;

use super::PictureKey;
use crate::{error::StoreError, time::Timestamp};

/// Record of a picture that is not referenced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanedPicture {
    /// Name of the picture.
    pub key: PictureKey,
    /// Number of started attempts to remove it.
    pub attempts: u32,
    /// Time until which the picture may still arrive after it was removed. `None` when its upload is known to be over.
    pub may_arrive_until: Option<Timestamp>,
}

/// Reads of the records, directly from the pool.
#[async_trait]
pub trait OrphanedPictureQueries {
    /// Returns true when [`OrphanedPictureRepository::lease_orphaned_pictures`] would return a picture.
    async fn has_due_orphaned_pictures(&self, now: Timestamp) -> Result<bool, StoreError>;
}

/// The records in a unit of work.
#[async_trait]
pub trait OrphanedPictureRepository: Send {
    /// Records pictures as orphaned, to be removed from `due_at` on. An existing record retains its attempts; both
    /// times are replaced.
    async fn record_orphaned_pictures(
        &mut self,
        keys: &[PictureKey],
        due_at: Timestamp,
        may_arrive_until: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Removes the records of pictures, because they are referenced from this unit on. Returns the claimed ones, in any
    /// order. MUST NOT return a picture that has no record, or whose record was ever leased by a worker. Such a picture
    /// has been or will be removed, and must not be referenced. Costs one statement for some hundreds of pictures.
    async fn claim_pictures(&mut self, keys: &[PictureKey]) -> Result<Vec<PictureKey>, StoreError>;

    /// Claims one picture. Returns `false` when it cannot be claimed.
    async fn claim_picture(&mut self, key: &PictureKey) -> Result<bool, StoreError> {
        Ok(!self.claim_pictures(std::slice::from_ref(key)).await?.is_empty())
    }

    /// Leases at most `limit` due records to a worker, the longest due first, and adds one attempt to each. A leased
    /// record is due again at `lease_until`, so a worker that dies loses none. With several concurrent workers, each
    /// record MUST go to exactly one; none waits for another.
    async fn lease_orphaned_pictures(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<OrphanedPicture>, StoreError>;

    /// Removes the record of a picture that has been removed.
    async fn forget_orphaned_picture(&mut self, key: &PictureKey) -> Result<(), StoreError>;
}
