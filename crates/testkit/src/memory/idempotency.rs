use async_trait::async_trait;
use domain::{
    error::StoreError,
    idempotency::{IdempotencyKey, IdempotencyKeys, StoredResult},
    ids::UserId,
    time::Timestamp,
};

use super::MemoryUnit;

#[async_trait]
impl IdempotencyKeys for MemoryUnit {
    async fn find_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<StoredResult>, StoreError> {
        Ok(self.state.idempotency_keys.get(&(owner, *key)).cloned())
    }

    async fn remember_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        done: &StoredResult,
    ) -> Result<(), StoreError> {
        self.require_user(owner)?;
        self.state.idempotency_keys.insert((owner, *key), done.clone());
        Ok(())
    }

    async fn purge_idempotency_keys(&mut self, until: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let keys = &mut self.state.idempotency_keys;
        let old: Vec<_> = keys.iter().filter(|(_, done)| done.at <= until).map(|(key, _)| *key).take(limit).collect();
        keys.retain(|key, _| !old.contains(key));
        Ok(old.len() as u64)
    }
}
