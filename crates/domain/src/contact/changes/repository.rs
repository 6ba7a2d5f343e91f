//! Storage of changes. Owners access only their own contacts, as with all contacts.

use async_trait::async_trait;

use super::Changes;
use crate::{contact::ChangeNumber, error::StoreError, ids::UserId};

/// Reads of changes, directly from the pool.
#[async_trait]
pub trait ChangeQueries {
    /// Returns at most `limit` contacts whose last change has a greater number than `after`, in the order of the numbers.
    /// MUST contain the contacts in the trash and the permanently deleted ones, as deleted. Returns `None` when the
    /// owner does not exist.
    ///
    /// Costs one statement, so everything returned is of one moment.
    async fn changes_after(
        &self,
        owner: UserId,
        after: ChangeNumber,
        limit: u64,
    ) -> Result<Option<Changes>, StoreError>;

    /// Returns at most `limit` users with too many recorded deletions, and how many are retained for each:
    /// [`RETAINED_DELETIONS_PER_CONTACT`](super::RETAINED_DELETIONS_PER_CONTACT) times their own contact limit, or times
    /// `contact_limit`. Costs one statement.
    async fn users_with_many_deletions(&self, contact_limit: u64, limit: u64)
    -> Result<Vec<(UserId, u64)>, StoreError>;
}

/// Recorded deletions in a unit of work. [`TrashRepository::purge_trash`](crate::contact::trash::TrashRepository) records
/// them.
#[async_trait]
pub trait DeletionRepository {
    /// Removes the recorded deletions of an owner beyond the latest `retained`: the earliest ones, at most `limit`. Raises
    /// the floor of the owner to the number of the latest that was removed. Returns how many were removed.
    ///
    /// MUST be called in a unit that has locked the owner.
    async fn forget_deletions(&mut self, owner: UserId, retained: u64, limit: u64) -> Result<u64, StoreError>;
}
