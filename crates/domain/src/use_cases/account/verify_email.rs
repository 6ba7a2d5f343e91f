//! Verifies the e-mail of a new account with a mailed token.

use crate::{
    account::Purpose,
    audit::AuditAction,
    client::ClientInfo,
    error::StoreError,
    ports::Ports,
    use_cases::steps::{ValidToken, record_success, was_just_used},
};

const PURPOSE: Purpose = Purpose::VerifyEmail;

/// Errors of [`verify_email`].
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// The token is unknown, used, expired, has another purpose, or belongs to an e-mail that the user no longer has.
    #[error("the token is not valid")]
    TokenInvalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Consumes the token and marks its e-mail as verified.
/// A token that was just used is accepted again and changes nothing.
///
/// # Errors
/// See [`VerifyEmailError`].
pub async fn verify_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), VerifyEmailError> {
    match consume(ports, token, client).await {
        Err(VerifyEmailError::TokenInvalid) if was_just_used(ports, token, PURPOSE).await? => Ok(()),
        outcome => outcome,
    }
}

async fn consume(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), VerifyEmailError> {
    let valid = ValidToken::read(ports, token, PURPOSE).await?.ok_or(VerifyEmailError::TokenInvalid)?;
    let mut unit = ports.store.begin().await?;
    let (user, token) = valid.consume(ports, &mut *unit).await?.ok_or(VerifyEmailError::TokenInvalid)?;
    if !unit.mark_email_verified(user.id, &token.email).await? {
        return Err(VerifyEmailError::TokenInvalid);
    }
    unit.discard_one_time_tokens(user.id, PURPOSE).await?;
    record_success(ports, &mut *unit, AuditAction::VerifyEmail, user.id, client).await?;
    unit.commit().await?;
    Ok(())
}
