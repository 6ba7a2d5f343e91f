//! Storage of idempotency keys.

use async_trait::async_trait;

use super::{IdempotencyKey, StoredResult};
use crate::{error::StoreError, ids::UserId, time::Timestamp};

/// Keys in a unit of work. Keys are separate by owner: the same key of two owners is two keys.
///
/// The methods take no lock. A caller that looks up a key and then stores it must hold the lock that all requests of
/// the owner take (`ContactRepository::take_change_numbers`). So of two requests with one key, the second finds the result
/// of the first.
#[async_trait]
pub trait IdempotencyKeys {
    /// Returns the stored result of a key of the owner, of any age.
    async fn find_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<StoredResult>, StoreError>;

    /// Stores the result of a key, and replaces an earlier one. MUST be deleted with its owner.
    async fn remember_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        done: &StoredResult,
    ) -> Result<(), StoreError>;

    /// Removes at most `limit` keys that were used at or before `until`. Returns the number of removed keys. It may
    /// skip keys that another unit has locked.
    async fn purge_idempotency_keys(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError>;
}
