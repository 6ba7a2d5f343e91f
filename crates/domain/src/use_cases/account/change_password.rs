//! Changes the password of a signed-in user.

use crate::{
    account::{HashingError, Password, PasswordAttempt, Purpose, User},
    audit::AuditAction,
    error::StoreError,
    mail::MailKind,
    ports::Ports,
    session::{SignedInUser, TokenPair},
    text::Invalid,
    use_cases::steps::{
        BeginSessionError, ConfirmPasswordError, begin_session, cancel_email_change, confirm_password,
        discard_email_change, enqueue_notice, record_success,
    },
};

/// Errors of [`change_password`].
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password was not confirmed.
    #[error(transparent)]
    Current(#[from] ConfirmPasswordError),
    /// The new password is derived from the username or the e-mail.
    #[error("the new password {0}")]
    New(Invalid),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The new session could not be created.
    #[error(transparent)]
    Session(#[from] BeginSessionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets the password, ends every session, and begins a new one for the current device. When this returns, no earlier
/// access or refresh token of the account is valid.
///
/// # Errors
/// See [`ChangePasswordError`].
pub async fn change_password(
    ports: &Ports,
    principal: &SignedInUser,
    current: &PasswordAttempt,
    new: &Password,
) -> Result<TokenPair, ChangePasswordError> {
    let user = &principal.user;
    check(new, user)?;
    let action = AuditAction::ChangePassword;
    let confirmed = confirm_password(ports, principal, current, action).await?;
    cancel_email_change(ports, user.id).await?;
    let hash = ports.passwords.hash(new, principal.client.largest_network()).await?;

    let (mut unit, credentials) = confirmed.begin().await?;
    // The username or the e-mail may have changed while the password was hashed.
    check(new, &credentials.user)?;
    unit.set_password_hash(user.id, &hash).await?;
    unit.end_sessions_of(user.id).await?;
    let (_, pair) = begin_session(ports, &mut *unit, user.id, principal.client.clone()).await?;
    // Invalidates requests made with the old password, for another e-mail or a new password.
    discard_email_change(&mut *unit, user.id).await?;
    unit.discard_one_time_tokens(user.id, Purpose::ResetPassword).await?;
    enqueue_notice(ports, &mut *unit, MailKind::PasswordChanged, &credentials.user, &principal.client).await?;
    record_success(ports, &mut *unit, action, user.id, &principal.client).await?;
    unit.commit().await?;
    Ok(pair)
}

/// Rejects a password that is derived from the username or the e-mail.
fn check(new: &Password, user: &User) -> Result<(), ChangePasswordError> {
    new.check_not_derived_from(&[user.username.as_str(), user.email.as_str()]).map_err(ChangePasswordError::New)
}
