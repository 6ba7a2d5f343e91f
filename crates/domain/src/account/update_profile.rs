//! Update the profile: name, language, time zone, notices.

use super::{Locale, Timezone, User, UserId, Username};
use crate::{Ports, store::StoreError};

/// What changes; `None` keeps what is there.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// A new name.
    pub username: Option<Username>,
    /// A new language.
    pub locale: Option<Locale>,
    /// A new time zone.
    pub timezone: Option<Timezone>,
    /// Whether sign-ins from new devices are reported.
    pub notify_new_device: Option<bool>,
}

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateProfileError {
    /// The user is gone.
    #[error("no such user")]
    NotFound,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies the change and returns the user as it now is.
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
