//! Life of an uploaded picture: [`store_upload`] stores it, then the unit that references it calls [`claim_picture`]. If
//! that unit cannot reference it, [`discard_upload`] gives it up.

use chrono::Duration;
use futures_util::future::join_all;
use uuid::Uuid;

use super::release_pictures;
use crate::{
    error::StoreError,
    ids::UserId,
    picture::{Picture, PictureError, PictureKey, PictureStoreError},
    ports::Ports,
    secret::NoRandomness,
    store::UnitOfWork,
};

/// Lease of a new picture until it must be referenced. Far longer than an upload and a commit take together, so that a
/// slow upload is not removed.
const LEASE_MINUTES: i64 = 5;
/// Time within which an interrupted upload may still arrive. A process may stall between the record and the upload, and
/// be killed afterwards; within this time no unreferenced picture remains.
const MAX_ARRIVAL_HOURS: i64 = 24;
/// Number of uploads that are converted or stored at once.
const UPLOADS_AT_ONCE: usize = 4;

/// Errors of storing an upload.
#[derive(Debug, thiserror::Error)]
pub enum StoreUploadError {
    /// The upload is not an accepted picture.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The picture could not be stored.
    #[error(transparent)]
    PictureStore(#[from] PictureStoreError),
    /// No name could be generated.
    #[error(transparent)]
    Name(#[from] NoRandomness),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Converts an upload and stores the picture under a new name that cannot be guessed. The picture is recorded as
/// orphaned before it is stored, so it is removed automatically unless [`claim_picture`] follows.
pub(crate) async fn store_upload(
    ports: &Ports,
    owner: UserId,
    name: fn(Uuid) -> PictureKey,
    upload: Vec<u8>,
) -> Result<PictureKey, StoreUploadError> {
    let (key, picture) = converted(ports, owner, name, upload).await?;
    record_uploads(ports, std::slice::from_ref(&key)).await?;
    ports.picture_store.put(&key, picture).await?;
    Ok(key)
}

async fn converted(
    ports: &Ports,
    owner: UserId,
    name: fn(Uuid) -> PictureKey,
    upload: Vec<u8>,
) -> Result<(PictureKey, Picture), StoreUploadError> {
    let picture = ports.picture_processor.square(owner, upload).await?;
    Ok((name(PictureKey::unguessable_id(&ports.secrets.generate()?)), picture))
}

async fn record_uploads(ports: &Ports, keys: &[PictureKey]) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    let now = ports.clock.now();
    let (due_at, may_arrive_until) = (now + Duration::minutes(LEASE_MINUTES), now + Duration::hours(MAX_ARRIVAL_HOURS));
    unit.record_orphaned_pictures(keys, due_at, Some(may_arrive_until)).await?;
    unit.commit().await
}

/// Marks a picture as referenced by this unit. Once the unit commits, the picture is retained.
///
/// # Errors
/// `Unavailable` when the removal of the picture began during a slow upload. The picture may have arrived after that, so
/// it is discarded.
pub(crate) async fn claim_picture(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    key: &PictureKey,
) -> Result<Box<dyn UnitOfWork>, StoreUploadError> {
    if unit.claim_picture(key).await? {
        return Ok(unit);
    }
    discard_upload(ports, unit, key.clone()).await?;
    Err(PictureStoreError::Unavailable("the upload took too long and was abandoned".into()).into())
}

/// Rolls back the unit that cannot reference a stored picture. The picture is removed soon, before its lease ends.
pub(crate) async fn discard_upload(
    ports: &Ports,
    unit: Box<dyn UnitOfWork>,
    key: PictureKey,
) -> Result<(), StoreError> {
    drop(unit);
    release_upload(ports, key).await
}

/// Gives up a stored picture that no unit references. It is removed soon, before its lease ends.
pub(crate) async fn release_upload(ports: &Ports, key: PictureKey) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    release_pictures(ports, &mut *unit, [key]).await?;
    unit.commit().await
}

/// Does the same as [`store_upload`] with several uploads, a few at once. Their records are one write. An upload that
/// cannot be stored does not stop the others. Returns a result for each, in their order.
pub(crate) async fn store_uploads(
    ports: &Ports,
    owner: UserId,
    name: fn(Uuid) -> PictureKey,
    uploads: Vec<Vec<u8>>,
) -> Result<Vec<Result<PictureKey, StoreUploadError>>, StoreError> {
    let mut pictures = Vec::with_capacity(uploads.len());
    let mut waiting = uploads.into_iter();
    loop {
        let some = waiting.by_ref().take(UPLOADS_AT_ONCE).map(|upload| converted(ports, owner, name, upload));
        let some = join_all(some).await;
        if some.is_empty() {
            break;
        }
        pictures.extend(some);
    }
    let keys: Vec<PictureKey> = pictures.iter().flatten().map(|(key, _)| key.clone()).collect();
    if !keys.is_empty() {
        record_uploads(ports, &keys).await?;
    }
    let mut stored = Vec::with_capacity(pictures.len());
    let mut waiting = pictures.into_iter();
    loop {
        let some = waiting.by_ref().take(UPLOADS_AT_ONCE).map(async |converted| {
            let (key, picture) = converted?;
            ports.picture_store.put(&key, picture).await?;
            Ok(key)
        });
        let some = join_all(some).await;
        if some.is_empty() {
            return Ok(stored);
        }
        stored.extend(some);
    }
}
