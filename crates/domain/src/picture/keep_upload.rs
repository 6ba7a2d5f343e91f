//! Keep an upload: the first half of every rule that gives somebody a picture.

use chrono::Duration;
use uuid::Uuid;

use super::{PictureError, PictureKey, PictureStoreError, let_go};
use crate::{
    Ports,
    secret::NoRandomness,
    store::{StoreError, UnitOfWork},
};

/// How long a new picture may wait to be pointed to. Far more than an upload and a commit may take
/// together, so that one who is merely slow is not overtaken by the removal.
const LEASE_MINUTES: i64 = 5;
/// How long a process may stand still between its note and its upload, and be killed after it, without a
/// picture staying that nothing points to.
const LATEST_HOURS: i64 = 24;

/// Why an upload is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepPictureError {
    /// The upload is not a picture we take.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The picture could not be kept.
    #[error(transparent)]
    PictureStore(#[from] PictureStoreError),
    /// No name could be made.
    #[error(transparent)]
    Name(#[from] NoRandomness),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a picture of the upload and keeps it under a new name that nobody can guess. It is noted as
/// stray before it is kept, so that it goes by itself unless [`adopt`] follows.
pub(crate) async fn keep_upload(
    ports: &Ports,
    name: fn(Uuid) -> PictureKey,
    upload: Vec<u8>,
) -> Result<PictureKey, KeepPictureError> {
    let picture = ports.picture_processor.square(upload).await?;
    let key = name(random_id(ports)?);
    let mut unit = ports.store.begin().await?;
    let now = ports.clock.now();
    let (given_up_at, latest) = (now + Duration::minutes(LEASE_MINUTES), now + Duration::hours(LATEST_HOURS));
    unit.note_stray_pictures(std::slice::from_ref(&key), given_up_at, Some(latest)).await?;
    unit.commit().await?;
    ports.picture_store.put(&key, picture).await?;
    Ok(key)
}

/// Declares that this unit points to the picture: from its commit on the picture stays.
///
/// # Errors
/// When the upload took so long that its removal has begun. It may have arrived after that, so it is noted
/// anew; the unit is used up.
pub(crate) async fn adopt(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    key: &PictureKey,
) -> Result<Box<dyn UnitOfWork>, KeepPictureError> {
    if unit.adopt_picture(key).await? {
        return Ok(unit);
    }
    let_go(ports, &mut *unit, [key.clone()]).await?;
    unit.commit().await?;
    Err(PictureStoreError::Unavailable("the upload took so long that it was given up".into()).into())
}

/// Who knows the name of a picture may see it, so the name is as good as a secret. Ids that tell the
/// time are not.
fn random_id(ports: &Ports) -> Result<Uuid, NoRandomness> {
    let digest = ports.secrets.generate()?.digest();
    Ok(Uuid::from_u128(digest.0.iter().take(16).fold(0, |id, byte| (id << 8) | u128::from(*byte))))
}
