//! Change the password, knowing the old one.

use super::{
    ConfirmPasswordError, HashingError, Password, PasswordAttempt, Purpose,
    cancel_email_change::{cancel_email_change, discard_email_change},
    confirm_password::confirm_password,
};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    mail::{Mail, MailKind},
    session::{BeginSessionError, Principal, TokenPair, begin_session},
    store::StoreError,
    text::Invalid,
};

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
    /// No new session.
    #[error(transparent)]
    Session(#[from] BeginSessionError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Sets the password, ends every session, and begins a new one for the device in hand: when this returns, no earlier
/// access or refresh token of the account is valid.
///
/// # Errors
/// See [`ChangePasswordError`].
pub async fn change_password(
    ports: &Ports,
    principal: &Principal,
    current: &PasswordAttempt,
    new: &Password,
) -> Result<TokenPair, ChangePasswordError> {
    let user = &principal.user;
    new.check_not_derived_from(&[user.username.as_str(), user.email.as_str()]).map_err(ChangePasswordError::New)?;
    let action = AuditAction::ChangePassword;
    let confirmed = confirm_password(ports, principal, current, action).await?;
    cancel_email_change(ports, user.id).await?;
    let hash = ports.passwords.hash(new, principal.client.largest_network()).await?;

    let (mut unit, now) = confirmed.begin().await?;
    unit.set_password_hash(user.id, &hash).await?;
    unit.end_sessions_of(user.id).await?;
    let (_, pair) = begin_session(ports, &mut *unit, user.id, principal.client.clone()).await?;
    // Whoever asked for another address or a new password before must not have it.
    discard_email_change(&mut *unit, user.id).await?;
    unit.discard_one_time_tokens(user.id, Purpose::ResetPassword).await?;
    unit.enqueue_mail(&Mail::notice(ports, MailKind::PasswordChanged, &now.user, &principal.client)).await?;
    unit.record(&AuditEvent::success(ports, action, user.id, &principal.client)).await?;
    unit.commit().await?;
    Ok(pair)
}
