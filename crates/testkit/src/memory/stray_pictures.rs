use async_trait::async_trait;
use domain::{
    picture::{PictureKey, StrayPicture, StrayPictureQueries, StrayPictureRepository},
    store::StoreError,
    time::Instant,
};

use super::{MemoryStore, MemoryUnit};

#[async_trait]
impl StrayPictureQueries for MemoryStore {
    async fn has_due_stray_pictures(&self, now: Instant) -> Result<bool, StoreError> {
        Ok(self.read(|state| state.stray_pictures.values().any(|(due_at, _)| *due_at <= now)))
    }
}

#[async_trait]
impl StrayPictureRepository for MemoryUnit {
    async fn note_stray_pictures(&mut self, keys: &[PictureKey], due_at: Instant) -> Result<(), StoreError> {
        for key in keys {
            self.state.stray_pictures.entry(key.as_str().to_owned()).or_insert((due_at, 0)).0 = due_at;
        }
        Ok(())
    }

    async fn adopt_picture(&mut self, key: &PictureKey) -> Result<bool, StoreError> {
        let is_free = self.state.stray_pictures.get(key.as_str()).is_some_and(|(_, attempts)| *attempts == 0);
        if is_free {
            self.state.stray_pictures.remove(key.as_str());
        }
        Ok(is_free)
    }

    async fn claim_stray_pictures(
        &mut self,
        now: Instant,
        lease_until: Instant,
        limit: u64,
    ) -> Result<Vec<StrayPicture>, StoreError> {
        let mut due: Vec<_> = self.state.stray_pictures.iter_mut().filter(|(_, note)| note.0 <= now).collect();
        due.sort_by(|left, right| (left.1.0, left.0).cmp(&(right.1.0, right.0)));
        let claimed = due.into_iter().take(usize::try_from(limit).unwrap()).map(|(key, note)| {
            *note = (lease_until, note.1 + 1);
            StrayPicture { key: PictureKey::from_stored(key.clone()), attempts: note.1 }
        });
        Ok(claimed.collect())
    }

    async fn forget_stray_picture(&mut self, key: &PictureKey) -> Result<(), StoreError> {
        self.state.stray_pictures.remove(key.as_str());
        Ok(())
    }
}
