//! Creates a link with which a person sets a new password, without a mail.

use chrono::Duration;

use crate::{
    account::{Email, OneTimeToken, Purpose},
    audit::AuditAction,
    error::StoreError,
    ports::Ports,
    secret::{NoRandomness, Secret},
    time::Timestamp,
    use_cases::steps::{operator, record_success},
};

/// Lifetime of a link. It is longer than that of a mailed one, because the operator passes it on by hand.
const LIFETIME: Duration = Duration::hours(24);

/// Token of a link that sets a new password.
#[derive(Debug)]
pub struct ResetLink {
    /// The token.
    pub token: Secret,
    /// Expiry (exclusive).
    pub expires_at: Timestamp,
}

/// Errors of [`create_reset_link`].
#[derive(Debug, thiserror::Error)]
pub enum ResetLinkError {
    /// No account has this e-mail.
    #[error("no account has this e-mail address")]
    NotFound,
    /// No token could be generated.
    #[error(transparent)]
    Secret(#[from] NoRandomness),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates a token that sets a new password once. Earlier links stay valid.
///
/// # Errors
/// See [`ResetLinkError`].
pub async fn create_reset_link(ports: &Ports, email: &Email) -> Result<ResetLink, ResetLinkError> {
    let token = ports.secrets.generate()?;
    let expires_at = ports.clock.now() + LIFETIME;
    let mut unit = ports.store.begin().await?;
    let found = unit.user_by_email(email).await?.ok_or(ResetLinkError::NotFound)?;
    // Locked, so that no link appears while a password reset discards the existing ones.
    let user = unit.lock_user(found.id).await?.filter(|user| user.email == *email).ok_or(ResetLinkError::NotFound)?;
    let (digest, purpose, email) = (token.digest(), Purpose::ResetPassword, user.email.clone());
    unit.insert_one_time_token(&OneTimeToken { digest, purpose, user: user.id, email, expires_at }).await?;
    record_success(ports, &mut *unit, AuditAction::CreateResetLink, user.id, &operator()).await?;
    unit.commit().await?;
    Ok(ResetLink { token, expires_at })
}
