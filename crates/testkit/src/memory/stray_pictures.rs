use async_trait::async_trait;
use domain::{
    error::StoreError,
    picture::{PictureKey, StrayPicture, StrayPictureQueries, StrayPictureRepository},
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit};

#[derive(Clone)]
pub(super) struct Note {
    due_at: Timestamp,
    attempts: u32,
    may_arrive_until: Option<Timestamp>,
}

#[async_trait]
impl StrayPictureQueries for MemoryStore {
    async fn has_due_stray_pictures(&self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.read(|state| state.stray_pictures.values().any(|note| note.due_at <= now)))
    }
}

#[async_trait]
impl StrayPictureRepository for MemoryUnit {
    async fn note_stray_pictures(
        &mut self,
        keys: &[PictureKey],
        due_at: Timestamp,
        may_arrive_until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        for key in keys {
            let attempts = self.state.stray_pictures.get(key.as_str()).map_or(0, |note| note.attempts);
            self.state.stray_pictures.insert(key.as_str().to_owned(), Note { due_at, attempts, may_arrive_until });
        }
        Ok(())
    }

    async fn adopt_picture(&mut self, key: &PictureKey) -> Result<bool, StoreError> {
        let is_free = self.state.stray_pictures.get(key.as_str()).is_some_and(|note| note.attempts == 0);
        if is_free {
            self.state.stray_pictures.remove(key.as_str());
        }
        Ok(is_free)
    }

    async fn claim_stray_pictures(
        &mut self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u64,
    ) -> Result<Vec<StrayPicture>, StoreError> {
        let mut due: Vec<_> = self.state.stray_pictures.iter_mut().filter(|(_, note)| note.due_at <= now).collect();
        due.sort_by(|left, right| (left.1.due_at, left.0).cmp(&(right.1.due_at, right.0)));
        let claimed = due.into_iter().take(usize::try_from(limit).unwrap()).map(|(key, note)| {
            (note.due_at, note.attempts) = (lease_until, note.attempts + 1);
            let (key, attempts) = (PictureKey::from_stored(key.clone()), note.attempts);
            StrayPicture { key, attempts, may_arrive_until: note.may_arrive_until }
        });
        Ok(claimed.collect())
    }

    async fn forget_stray_picture(&mut self, key: &PictureKey) -> Result<(), StoreError> {
        self.state.stray_pictures.remove(key.as_str());
        Ok(())
    }
}
