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

/// Applies the changes and returns the updated user. Writes nothing when nothing changes.
///
/// # Errors
/// See [`UpdateProfileError`].
pub async fn update_profile(ports: &Ports, id: UserId, change: ProfileChange) -> Result<User, UpdateProfileError> {
    let mut unit = ports.store.begin().await?;
    let old = unit.lock_user(id).await?.ok_or(UpdateProfileError::NotFound)?;
    let ProfileChange { username, locale, timezone, notify_new_device } = change;
    let user = User {
        username: username.unwrap_or_else(|| old.username.clone()),
        locale: locale.unwrap_or(old.locale),
        timezone: timezone.unwrap_or(old.timezone),
        notify_new_device: notify_new_device.unwrap_or(old.notify_new_device),
        ..old.clone()
    };
    if user == old {
        return Ok(old);
    }
    unit.update_profile(&user).await?;
    unit.commit().await?;
    Ok(user)
}
