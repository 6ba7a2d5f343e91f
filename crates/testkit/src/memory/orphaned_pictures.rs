use async_trait::async_trait;
use domain::{
    error::StoreError,
    picture::{OrphanedPicture, OrphanedPictureQueries, OrphanedPictureRepository, PictureKey},
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit, state::PictureRecord};

#[async_trait]
impl OrphanedPictureQueries for MemoryStore {
    async fn has_due_orphaned_pictures(&self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.read(|state| state.orphaned_pictures.values().any(|record| record.due_at <= now)))
    }
}

#[async_trait]
impl OrphanedPictureRepository for MemoryUnit {
    async fn record_orphaned_pictures(
        &mut self,
        keys: &[PictureKey],
        due_at: Timestamp,
        may_arrive_until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        for key in keys {
            let attempts = self.state.orphaned_pictures.get(key.as_str()).map_or(0, |record| record.attempts);
            self.state
                .orphaned_pictures
                .insert(key.as_str().to_owned(), PictureRecord { due_at, attempts, may_arrive_until });
        }
        Ok(())
    }

    async fn claim_pictures(&mut self, keys: &[PictureKey]) -> Result<Vec<PictureKey>, StoreError> {
        let records = &mut self.state.orphaned_pictures;
        let is_free = |key: &&PictureKey| records.get(key.as_str()).is_some_and(|record| record.attempts == 0);
        let claimed: Vec<PictureKey> = keys.iter().filter(is_free).cloned().collect();
        records.retain(|key, _| !claimed.iter().any(|claimed| claimed.as_str() == key));
        Ok(claimed)
    }

    async fn lease_orphaned_pictures(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<OrphanedPicture>, StoreError> {
        let mut due: Vec<_> =
            self.state.orphaned_pictures.iter_mut().filter(|(_, record)| record.due_at <= now).collect();
        due.sort_by(|left, right| (left.1.due_at, left.0).cmp(&(right.1.due_at, right.0)));
        let leased = due.into_iter().take(usize::try_from(limit).unwrap()).map(|(key, record)| {
            (record.due_at, record.attempts) = (lease_until, record.attempts + 1);
            let (key, attempts) = (PictureKey::from_stored(key.clone()), record.attempts);
            OrphanedPicture { key, attempts, may_arrive_until: record.may_arrive_until }
        });
        Ok(leased.collect())
    }

    async fn forget_orphaned_picture(&mut self, key: &PictureKey) -> Result<(), StoreError> {
        self.state.orphaned_pictures.remove(key.as_str());
        Ok(())
    }
}
