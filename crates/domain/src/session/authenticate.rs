//! Authenticate: who sent this access token, and may they still?

use super::{InvalidAccessToken, Session};
use crate::{Ports, account::User, client::ClientInfo, store::StoreError};

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user: User,
    /// The session they use.
    pub session: Session,
    /// Where this request came from; the session was begun somewhere, too.
    pub client: ClientInfo,
}

/// Why nobody is recognised.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token is none of ours, or has ended.
    #[error(transparent)]
    InvalidToken(#[from] InvalidAccessToken),
    /// The token is good, and its session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The token is good, and its user's address is not proven.
    #[error("the address is not verified")]
    EmailNotVerified,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks the token, then the session and its user in one read.
///
/// # Errors
/// See [`AuthenticateError`].
pub async fn authenticate(
    ports: &Ports,
    access_token: &str,
    client: ClientInfo,
) -> Result<Principal, AuthenticateError> {
    let claims = ports.access_tokens.verify(access_token)?;
    let found = ports.store.session_with_user(claims.user, claims.session).await?;
    let (session, user) = found.ok_or(AuthenticateError::SessionEnded)?;
    if !session.is_alive(ports.clock.now(), &ports.policy) {
        return Err(AuthenticateError::SessionEnded);
    }
    if !user.email_verified {
        return Err(AuthenticateError::EmailNotVerified);
    }
    Ok(Principal { user, session, client })
}
