//! Sets or removes the avatar of a user.

use crate::{
    account::User,
    error::StoreError,
    ids::UserId,
    picture::PictureKey,
    ports::Ports,
    use_cases::steps::{StoreUploadError, claim_picture, discard_upload, release_pictures, store_upload},
};

/// Errors of [`change_avatar`] and [`remove_avatar`].
#[derive(Debug, thiserror::Error)]
pub enum ChangeAvatarError {
    /// The user was deleted.
    #[error("no such user")]
    NotFound,
    /// The upload could not be stored.
    #[error(transparent)]
    Picture(#[from] StoreUploadError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets the upload as the user's avatar.
///
/// The new picture is stored under a new name before the database references it. The old picture is released in the
/// same transaction. So no reference is ever dangling, and an error leaves no picture behind.
///
/// # Errors
/// See [`ChangeAvatarError`].
pub async fn change_avatar(ports: &Ports, id: UserId, upload: Vec<u8>) -> Result<User, ChangeAvatarError> {
    let key = store_upload(ports, id, PictureKey::avatar, upload).await?;
    let mut unit = ports.store.begin().await?;
    let Some(mut user) = unit.lock_user(id).await? else {
        discard_upload(ports, unit, key).await?;
        return Err(ChangeAvatarError::NotFound);
    };
    let mut unit = claim_picture(ports, unit, &key).await?;
    unit.set_avatar(id, Some(&key)).await?;
    release_pictures(ports, &mut *unit, user.avatar.replace(key)).await?;
    unit.commit().await?;
    Ok(user)
}

/// Removes the avatar. Succeeds if there is none.
///
/// # Errors
/// See [`ChangeAvatarError`].
pub async fn remove_avatar(ports: &Ports, id: UserId) -> Result<User, ChangeAvatarError> {
    let mut unit = ports.store.begin().await?;
    let mut user = unit.lock_user(id).await?.ok_or(ChangeAvatarError::NotFound)?;
    unit.set_avatar(id, None).await?;
    release_pictures(ports, &mut *unit, user.avatar.take()).await?;
    unit.commit().await?;
    Ok(user)
}
