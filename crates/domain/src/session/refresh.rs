//! Refresh: a refresh token buys a new pair, once.

use chrono::Duration;

use super::{AccessTokenError, SessionId, TokenPair};
use crate::{
    Ports,
    account::UserId,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    client::ClientInfo,
    secret::{NoRandomness, Secret},
    store::StoreError,
};

/// How long a used token still gets the pair it was exchanged for: two tabs at once, or an answer
/// that was lost on the way.
const REPEAT_GRACE: Duration = Duration::seconds(10);

/// Why there is no new pair.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, or of a session that has ended.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Used before, longer ago than any honest client would need: somebody else has a copy. The
    /// session has been ended.
    #[error("a refresh token of session {session} of user {user} was used again; the session has been ended")]
    Reused {
        /// Whose session it was.
        user: UserId,
        /// Which session has been ended.
        session: SessionId,
    },
    /// No refresh token.
    #[error(transparent)]
    RefreshToken(#[from] NoRandomness),
    /// No access token.
    #[error(transparent)]
    AccessToken(#[from] AccessTokenError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Exchanges a refresh token (RFC 9700, 4.14.2: rotation, and the end of the family on reuse).
///
/// # Errors
/// See [`RefreshError`]. When it is `Reused`, the end of the session has been committed and recorded before.
pub async fn refresh(ports: &Ports, token: &str, client: &ClientInfo) -> Result<TokenPair, RefreshError> {
    let presented = Secret::parse(token).ok_or(RefreshError::Invalid)?;
    let digest = presented.digest();
    let mut unit = ports.store.begin().await?;
    let found = unit.lock_refresh_token(&digest).await?.ok_or(RefreshError::Invalid)?;
    // Taken after the lock: whoever waited for it must not judge by a time before it waited.
    let now = ports.clock.now();
    let session = found.session;
    if !session.is_alive(now, &ports.policy) {
        return Err(RefreshError::Invalid);
    }
    match found.token.used {
        None => {
            let successor = ports.secrets.generate()?;
            let sealed = successor.seal_under(&presented);
            let pair = TokenPair::issue(ports, &session, successor)?;
            unit.rotate_refresh_token(session.id, &digest, now, &sealed, &pair.refresh_token.digest()).await?;
            unit.commit().await?;
            Ok(pair)
        }
        Some((used_at, sealed)) if now < used_at + REPEAT_GRACE => {
            Ok(TokenPair::issue(ports, &session, presented.unseal(&sealed))?)
        }
        Some(_) => {
            unit.end_session(session.user, session.id).await?;
            let (action, outcome) = (AuditAction::Refresh, AuditOutcome::TokenReused);
            unit.record(&AuditEvent::new(ports, action, outcome, Some(session.user), client)).await?;
            unit.commit().await?;
            Err(RefreshError::Reused { user: session.user, session: session.id })
        }
    }
}
