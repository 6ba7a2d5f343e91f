//! What idempotency keys need of a store.

use async_trait::async_trait;

use super::{IdempotencyKey, Remembered};
use crate::{account::UserId, store::StoreError, time::Instant};

/// Keys in a unit of work. Each owner's keys are their own: the same key of two owners is two keys.
///
/// They lock nothing by themselves: who looks for a key and then remembers it does so behind a lock that all requests
/// of that owner go through
/// ([`count_contacts_locked`](crate::contact::ContactRepository::count_contacts_locked)), so of two with one key the
/// second sees what the first has done.
#[async_trait]
pub trait IdempotencyKeys {
    /// What was done under a key of that owner, however long ago.
    async fn find_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError>;

    /// Remembers what was done, in place of what was done under that key before. MUST go with its owner.
    async fn remember_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        done: &Remembered,
    ) -> Result<(), StoreError>;

    /// Forgets keys used at or before `until`, `limit` of them at most; says how many. It may leave out what another
    /// unit has locked.
    async fn purge_idempotency_keys(&mut self, until: Instant, limit: u64) -> Result<u64, StoreError>;
}
