//! Change or remove the avatar.

use super::{User, UserId};
use crate::{
    Ports,
    picture::{KeepPictureError, PictureKey, adopt, keep_upload, let_go},
    store::StoreError,
};

/// Why the avatar is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeAvatarError {
    /// The user is gone.
    #[error("no such user")]
    NotFound,
    /// The upload could not be kept.
    #[error(transparent)]
    Picture(#[from] KeepPictureError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the upload the user's avatar. The new picture is kept under a new name before the database
/// points to it, and the old one is let go in the same transaction: no moment has a dangling pointer, and
/// whatever fails leaves no picture behind.
///
/// # Errors
/// See [`ChangeAvatarError`].
pub async fn change_avatar(ports: &Ports, id: UserId, upload: Vec<u8>) -> Result<User, ChangeAvatarError> {
    let key = keep_upload(ports, PictureKey::avatar, upload).await?;
    let mut unit = ports.store.begin().await?;
    let Some(mut user) = unit.lock_user(id).await? else {
        // Known to be in vain, so the lease need not run out.
        let_go(ports, &mut *unit, [key]).await?;
        unit.commit().await?;
        return Err(ChangeAvatarError::NotFound);
    };
    let mut unit = adopt(ports, unit, &key).await?;
    unit.set_avatar(id, Some(&key)).await?;
    let_go(ports, &mut *unit, user.avatar.replace(key)).await?;
    unit.commit().await?;
    Ok(user)
}

/// Removes the avatar; nothing happens where there is none.
///
/// # Errors
/// See [`ChangeAvatarError`].
pub async fn remove_avatar(ports: &Ports, id: UserId) -> Result<User, ChangeAvatarError> {
    let mut unit = ports.store.begin().await?;
    let mut user = unit.lock_user(id).await?.ok_or(ChangeAvatarError::NotFound)?;
    unit.set_avatar(id, None).await?;
    let_go(ports, &mut *unit, user.avatar.take()).await?;
    unit.commit().await?;
    Ok(user)
}
