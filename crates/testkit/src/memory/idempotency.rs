use async_trait::async_trait;
use domain::{
    account::UserId,
    idempotency::{IdempotencyKey, IdempotencyKeys, Remembered},
    store::StoreError,
    time::Instant,
};

use super::MemoryUnit;

#[async_trait]
impl IdempotencyKeys for MemoryUnit {
    async fn find_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<Remembered>, StoreError> {
        Ok(self.state.idempotency_keys.get(&(owner, *key)).cloned())
    }

    async fn remember_idempotency_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        done: &Remembered,
    ) -> Result<(), StoreError> {
        self.state.idempotency_keys.insert((owner, *key), done.clone());
        Ok(())
    }

    async fn purge_idempotency_keys(&mut self, until: Instant) -> Result<u64, StoreError> {
        let before = self.state.idempotency_keys.len();
        self.state.idempotency_keys.retain(|_, done| done.at > until);
        Ok((before - self.state.idempotency_keys.len()) as u64)
    }
}
