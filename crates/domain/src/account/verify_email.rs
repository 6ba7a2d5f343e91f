//! Verify: a mailed token proves an address.

use super::{Purpose, one_time_token::GoodToken};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    store::StoreError,
};

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
pub async fn verify_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), VerifyEmailError> {
    let purpose = Purpose::VerifyEmail;
    let good = GoodToken::read(ports, token, purpose).await?.ok_or(VerifyEmailError::TokenInvalid)?;
    let mut unit = ports.store.begin().await?;
    let (user, address) = good.consume(ports, &mut *unit).await?.ok_or(VerifyEmailError::TokenInvalid)?;
    if !unit.mark_email_verified(user.id, &address).await? {
        return Err(VerifyEmailError::TokenInvalid);
    }
    unit.discard_one_time_tokens(user.id, purpose).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::VerifyEmail, user.id, client)).await?;
    unit.commit().await?;
    Ok(())
}
