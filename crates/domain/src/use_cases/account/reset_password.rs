//! Sets a new password with a mailed token.

use crate::{
    account::{HashingError, Password, Purpose, User},
    audit::AuditAction,
    client::ClientInfo,
    error::StoreError,
    mail::MailKind,
    ports::Ports,
    session::DeviceDigest,
    text::Invalid,
    use_cases::steps::{
        ValidToken, cancel_email_change, discard_email_change, enqueue_notice, record_success, was_just_used,
    },
};

const PURPOSE: Purpose = Purpose::ResetPassword;

/// Errors of [`reset_password`].
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The token is unknown, used, expired, has another purpose, or belongs to an e-mail that the user no longer has.
    #[error("the token is not valid")]
    TokenInvalid,
    /// The password is derived from the username or the e-mail. The token is not consumed, and a pending e-mail stays.
    #[error("the password {0}")]
    Password(Invalid),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Consumes the token, sets the password and ends every session. With `end_app_passwords` it also ends every app
/// password. It marks the e-mail as verified, because the client can read its mail.
/// A token that was just used is accepted again and changes nothing, whatever the password.
///
/// # Errors
/// See [`ResetPasswordError`].
pub async fn reset_password(
    ports: &Ports,
    token: &str,
    password: &Password,
    end_app_passwords: bool,
    client: &ClientInfo,
) -> Result<(), ResetPasswordError> {
    match consume(ports, token, password, end_app_passwords, client).await {
        Err(ResetPasswordError::TokenInvalid) if was_just_used(ports, token, PURPOSE).await? => Ok(()),
        outcome => outcome,
    }
}

async fn consume(
    ports: &Ports,
    token: &str,
    password: &Password,
    end_app_passwords: bool,
    client: &ClientInfo,
) -> Result<(), ResetPasswordError> {
    // Hashing is slow and must not run in an open unit, so it comes first. An invalid token is rejected before that
    // cost.
    let valid = ValidToken::read(ports, token, PURPOSE).await?.ok_or(ResetPasswordError::TokenInvalid)?;
    // A rejected password changes nothing, so it is checked before the pending e-mail is cancelled.
    let known = ports.store.credentials_of(valid.owner()).await?.ok_or(ResetPasswordError::TokenInvalid)?;
    check(password, &known.user)?;
    cancel_email_change(ports, valid.owner()).await?;
    let hash = ports.passwords.hash(password, client.largest_network()).await?;

    let mut unit = ports.store.begin().await?;
    let (user, token) = valid.consume(ports, &mut *unit).await?.ok_or(ResetPasswordError::TokenInvalid)?;
    // The username or the e-mail may have changed while the password was hashed.
    check(password, &user)?;
    if !unit.mark_email_verified(user.id, &token.email).await? {
        return Err(ResetPasswordError::TokenInvalid);
    }
    unit.set_password_hash(user.id, &hash).await?;
    unit.end_sessions_of(user.id).await?;
    if end_app_passwords {
        unit.end_app_passwords_of(user.id).await?;
    }
    unit.discard_one_time_tokens(user.id, PURPOSE).await?;
    // Discards a change of the e-mail that was requested with the old password.
    discard_email_change(&mut *unit, user.id).await?;
    enqueue_notice(ports, &mut *unit, MailKind::PasswordWasReset, &user, client).await?;
    // The device becomes known, so that it can sign in while other clients exhaust the limit of wrong passwords.
    unit.record_device(user.id, &DeviceDigest::of(client), ports.clock.now()).await?;
    record_success(ports, &mut *unit, AuditAction::ResetPassword, user.id, client).await?;
    unit.commit().await?;
    Ok(())
}

/// Rejects a password that is derived from the username or the e-mail.
fn check(password: &Password, user: &User) -> Result<(), ResetPasswordError> {
    password
        .check_not_derived_from(&[user.username.as_str(), user.email.as_str()])
        .map_err(ResetPasswordError::Password)
}
