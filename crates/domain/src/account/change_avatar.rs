//! Change or remove the avatar.

use super::{User, UserId};
use crate::{
    Ports,
    picture::{PictureError, PictureKey, PictureStoreError},
    store::StoreError,
};

/// Why the avatar is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeAvatarError {
    /// The user is gone.
    #[error("no such user")]
    NotFound,
    /// The upload is not a picture we take.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The picture could not be kept.
    #[error(transparent)]
    PictureStore(#[from] PictureStoreError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the upload the user's avatar. The new picture is kept under a new name before the
/// database points to it, and the old one is removed after: no moment has a dangling pointer.
///
/// # Errors
/// See [`ChangeAvatarError`].
pub async fn change_avatar(ports: &Ports, id: UserId, upload: Vec<u8>) -> Result<User, ChangeAvatarError> {
    let picture = ports.picture_processor.square(upload).await?;
    let key = PictureKey::avatar(ports.ids.next_id());
    ports.picture_store.put(&key, picture).await?;
    let outcome = point_to(ports, id, Some(key.clone())).await;
    // A commit that failed may have happened all the same: then the picture must stay.
    if matches!(outcome, Err(ChangeAvatarError::NotFound)) {
        ports.picture_store.discard(&key).await;
    }
    outcome
}

/// Removes the avatar; nothing happens where there is none.
///
/// # Errors
/// See [`ChangeAvatarError`].
pub async fn remove_avatar(ports: &Ports, id: UserId) -> Result<User, ChangeAvatarError> {
    point_to(ports, id, None).await
}

async fn point_to(ports: &Ports, id: UserId, avatar: Option<PictureKey>) -> Result<User, ChangeAvatarError> {
    let mut unit = ports.store.begin().await?;
    let mut user = unit.lock_user(id).await?.ok_or(ChangeAvatarError::NotFound)?;
    unit.set_avatar(id, avatar.as_ref()).await?;
    unit.commit().await?;
    let old = std::mem::replace(&mut user.avatar, avatar);
    if let Some(old) = old {
        ports.picture_store.discard(&old).await;
    }
    Ok(user)
}
