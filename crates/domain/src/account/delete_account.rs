//! Leave: everything held about the user goes.

use super::{ConfirmPasswordError, PasswordAttempt, change_password::confirm_password};
use crate::{Ports, session::Principal};

/// Removes the user with contacts, sessions, tokens and waiting mail, then the pictures that nothing
/// points to any more.
///
/// # Errors
/// See [`ConfirmPasswordError`].
pub async fn delete_account(
    ports: &Ports,
    principal: &Principal,
    password: &PasswordAttempt,
) -> Result<(), ConfirmPasswordError> {
    let user = &principal.user;
    let checked = confirm_password(ports, &user.email, password).await?;
    let mut unit = ports.store.begin().await?;
    let now = unit.lock_credentials(user.id).await?.ok_or(ConfirmPasswordError::NotFound)?;
    if now.password_hash != checked {
        return Err(ConfirmPasswordError::WrongPassword);
    }
    let pictures = unit.delete_user(&now.user).await?;
    unit.commit().await?;
    for picture in &pictures {
        ports.picture_store.discard(picture).await;
    }
    Ok(())
}
