//! Reset: a mailed token sets a new password.

use super::{
    HashingError, Password, Purpose,
    cancel_email_change::{cancel_email_change, discard_email_change},
    one_time_token::GoodToken,
};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    mail::{Mail, MailKind},
    session::DeviceDigest,
    store::StoreError,
    text::Invalid,
};

/// Why the password is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Unknown, used, expired, of another purpose, or for an address that is no longer the user's.
    #[error("the token is not valid")]
    TokenInvalid,
    /// The password says too much about its owner. The token is not used up.
    #[error("the password {0}")]
    Password(Invalid),
    /// No hash.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Uses the token up, sets the password and ends every session. Who reads the mail of the address
/// has proven it as well.
///
/// # Errors
/// See [`ResetPasswordError`].
pub async fn reset_password(
    ports: &Ports,
    token: &str,
    password: &Password,
    client: &ClientInfo,
) -> Result<(), ResetPasswordError> {
    // Hashing is slow and must not happen with a unit open, so it comes first; a made-up token is
    // turned away before it costs a hash.
    let purpose = Purpose::ResetPassword;
    let good = GoodToken::read(ports, token, purpose).await?.ok_or(ResetPasswordError::TokenInvalid)?;
    cancel_email_change(ports, good.owner()).await?;
    let hash = ports.passwords.hash(password, client.largest_network()).await?;

    let mut unit = ports.store.begin().await?;
    let (user, address) = good.consume(ports, &mut *unit).await?.ok_or(ResetPasswordError::TokenInvalid)?;
    password
        .check_not_derived_from(&[user.username.as_str(), user.email.as_str()])
        .map_err(ResetPasswordError::Password)?;
    if !unit.mark_email_verified(user.id, &address).await? {
        return Err(ResetPasswordError::TokenInvalid);
    }
    unit.set_password_hash(user.id, &hash).await?;
    unit.end_sessions_of(user.id).await?;
    unit.discard_one_time_tokens(user.id, purpose).await?;
    // Whoever asked for another address with the old password must not have it.
    discard_email_change(&mut *unit, user.id).await?;
    unit.enqueue_mail(&Mail::notice(ports, MailKind::PasswordWasReset, &user, client)).await?;
    // Whoever reads the mail of the address is let through from here while others guess at the password.
    unit.record_device(user.id, &DeviceDigest::of(client), ports.clock.now()).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::ResetPassword, user.id, client)).await?;
    unit.commit().await?;
    Ok(())
}
