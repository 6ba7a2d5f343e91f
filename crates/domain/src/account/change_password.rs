//! Change the password, knowing the old one.

use super::{Email, HashingError, Password, PasswordAttempt, PasswordHash, Purpose, Verdict};
use crate::{Ports, session::Principal, store::StoreError, text::Invalid};

/// Why a password did not open what it should.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPasswordError {
    /// Not the user's password.
    #[error("the password is wrong")]
    WrongPassword,
    /// The user is gone.
    #[error("no such user")]
    NotFound,
    /// No verdict.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks a signed-in user for their password again; gives the hash it was checked against.
pub(super) async fn confirm_password(
    ports: &Ports,
    email: &Email,
    attempt: &PasswordAttempt,
) -> Result<PasswordHash, ConfirmPasswordError> {
    let found = ports.store.credentials_by_email(email).await?.ok_or(ConfirmPasswordError::NotFound)?;
    match ports.passwords.verify(attempt, Some(&found.password_hash)).await? {
        Verdict::Match { .. } => Ok(found.password_hash),
        Verdict::Mismatch => Err(ConfirmPasswordError::WrongPassword),
    }
}

/// Why the password is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password proves nothing.
    #[error(transparent)]
    Current(#[from] ConfirmPasswordError),
    /// The new password says too much about its owner.
    #[error("the new password {0}")]
    New(Invalid),
    /// No hash.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets the password and ends every other session.
///
/// # Errors
/// See [`ChangePasswordError`].
pub async fn change_password(
    ports: &Ports,
    principal: &Principal,
    current: &PasswordAttempt,
    new: &Password,
) -> Result<(), ChangePasswordError> {
    let user = &principal.user;
    new.check_not_derived_from(&[user.username.as_str(), user.email.as_str()]).map_err(ChangePasswordError::New)?;
    let checked = confirm_password(ports, &user.email, current).await?;
    let hash = ports.passwords.hash(new).await?;

    let mut unit = ports.store.begin().await?;
    let now = unit.lock_credentials(user.id).await?.ok_or(ConfirmPasswordError::NotFound)?;
    // Changed meanwhile by somebody else: then what was checked proves nothing any more.
    if now.password_hash != checked {
        return Err(ConfirmPasswordError::WrongPassword.into());
    }
    unit.set_password_hash(user.id, &hash).await?;
    unit.end_other_sessions(user.id, principal.session.id).await?;
    // Whoever asked for another address or a new password before must not have it.
    unit.set_pending_email(user.id, None).await?;
    unit.discard_one_time_tokens(user.id, Purpose::ChangeEmail).await?;
    unit.discard_one_time_tokens(user.id, Purpose::ResetPassword).await?;
    unit.commit().await?;
    Ok(())
}
