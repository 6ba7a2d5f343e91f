//! Stray pictures: those that nothing points to, or not yet.
//!
//! A picture store and a database cannot commit together. So the database keeps a note of every picture
//! that may be kept without anything that points to it: written before a picture is uploaded, taken back
//! in the transaction that points to the picture, and written in the transaction that ceases to. Whatever
//! fails in between, a note is left, and a worker removes what it names.
//!
//! Who uploads may stand still, for longer than anybody waits, and go on. So the note of an upload that has
//! not been heard of since is kept for a day, and what it names removed again and again: there may be
//! nothing yet.

use async_trait::async_trait;

use super::PictureKey;
use crate::{Ports, store::StoreError, store::UnitOfWork, time::Instant};

/// A note of a picture that nothing points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayPicture {
    /// The picture.
    pub key: PictureKey,
    /// How often its removal was begun.
    pub attempts: u32,
    /// Until then it may be kept although it has been removed: nobody has said that its upload is over.
    pub may_arrive_until: Option<Instant>,
}

/// Reads of the notes, off the pool.
#[async_trait]
pub trait StrayPictureQueries {
    /// Whether [`StrayPictureRepository::claim_stray_pictures`] would return any now.
    async fn has_due_stray_pictures(&self, now: Instant) -> Result<bool, StoreError>;
}

/// The notes in a unit of work.
#[async_trait]
pub trait StrayPictureRepository {
    /// Notes pictures as stray, to be removed from `due_at` on. One that is noted already keeps its
    /// attempts; both times take the place of the old ones.
    async fn note_stray_pictures(
        &mut self,
        keys: &[PictureKey],
        due_at: Instant,
        may_arrive_until: Option<Instant>,
    ) -> Result<(), StoreError>;

    /// Takes a note back, since something points to the picture from this unit on. MUST return `false`
    /// when there is no such note, or when it was ever claimed: then the picture is gone or about to go,
    /// and nothing may point to it.
    async fn adopt_picture(&mut self, key: &PictureKey) -> Result<bool, StoreError>;

    /// Takes up to `limit` due notes, the longest due first, and counts one more attempt on each. A
    /// claimed one is due again at `lease_until`, so a remover that dies forgets none. Of several claimers
    /// at once each note MUST go to exactly one; none waits for another.
    async fn claim_stray_pictures(
        &mut self,
        now: Instant,
        lease_until: Instant,
        limit: u64,
    ) -> Result<Vec<StrayPicture>, StoreError>;

    /// Removes a note: the picture is gone.
    async fn forget_stray_picture(&mut self, key: &PictureKey) -> Result<(), StoreError>;
}

/// Lets go of pictures in the unit that ceases to point to them: they are removed as soon as it is
/// committed, and not if it is not. Their uploads are over. Every rule that ends a picture's use calls this.
pub(crate) async fn let_go(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    pictures: impl IntoIterator<Item = PictureKey> + Send,
) -> Result<(), StoreError> {
    let pictures: Vec<PictureKey> = pictures.into_iter().collect();
    unit.note_stray_pictures(&pictures, ports.clock.now(), None).await
}
