//! Verify: a mailed token proves an address.

use super::Purpose;
use crate::{Ports, secret::Secret, store::StoreError};

/// Why nothing was proven.
#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    /// Unknown, used, expired, of another purpose, or for an address that is no longer the user's.
    #[error("the token is not valid")]
    TokenInvalid,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Uses the token up and marks its address as proven.
///
/// # Errors
/// See [`VerifyEmailError`].
pub async fn verify_email(ports: &Ports, token: &str) -> Result<(), VerifyEmailError> {
    let secret = Secret::parse(token).ok_or(VerifyEmailError::TokenInvalid)?;
    let now = ports.clock.now();
    let mut unit = ports.store.begin().await?;
    let token = unit
        .consume_one_time_token(&secret.digest(), Purpose::VerifyEmail, now)
        .await?
        .ok_or(VerifyEmailError::TokenInvalid)?;
    if !unit.mark_email_verified(token.user, &token.address).await? {
        return Err(VerifyEmailError::TokenInvalid);
    }
    unit.discard_one_time_tokens(token.user, Purpose::VerifyEmail).await?;
    unit.commit().await?;
    Ok(())
}
