//! Updates the profile of a user: name, language, time zone, notices.

use crate::{
    account::{Locale, Timezone, User, Username},
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

/// Changes of a profile; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// New display name.
    pub username: Option<Username>,
    /// New language.
    pub locale: Option<Locale>,
    /// New time zone.
    pub timezone: Option<Timezone>,
    /// True to report sign-ins from new devices by mail, false not to.
    pub notify_new_device: Option<bool>,
}

/// Errors of [`update_profile`].
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// The user was deleted.
    #[error("no such user")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies the changes and returns the updated user.
///
/// # Errors
/// See [`UpdateProfileError`].
pub async fn update_profile(ports: &Ports, id: UserId, change: ProfileChange) -> Result<User, UpdateProfileError> {
    let mut unit = ports.store.begin().await?;
    let mut user = unit.lock_user(id).await?.ok_or(UpdateProfileError::NotFound)?;
    user.username = change.username.unwrap_or(user.username);
    user.locale = change.locale.unwrap_or(user.locale);
    user.timezone = change.timezone.unwrap_or(user.timezone);
    user.notify_new_device = change.notify_new_device.unwrap_or(user.notify_new_device);
    unit.update_profile(&user).await?;
    unit.commit().await?;
    Ok(user)
}
