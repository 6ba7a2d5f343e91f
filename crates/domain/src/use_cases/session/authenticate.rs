//! Authenticates a request with an access token.

use crate::{
    client::ClientInfo,
    error::StoreError,
    ports::Ports,
    session::{InvalidAccessToken, SignedInUser},
};

/// Errors of [`authenticate`].
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The service did not issue the token, or the token has expired.
    #[error(transparent)]
    InvalidToken(#[from] InvalidAccessToken),
    /// The token is valid, but its session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The token is valid, but the e-mail of its user is not verified.
    #[error("the e-mail is not verified")]
    EmailNotVerified,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies the token, then loads the session and its user in one read.
///
/// # Errors
/// See [`AuthenticateError`].
pub async fn authenticate(
    ports: &Ports,
    access_token: &str,
    client: ClientInfo,
) -> Result<SignedInUser, AuthenticateError> {
    let claims = ports.access_tokens.verify(access_token)?;
    let found = ports.store.session_with_user(claims.user, claims.session).await?;
    let (session, user) = found.ok_or(AuthenticateError::SessionEnded)?;
    if !session.is_active(ports.clock.now(), ports.policy.session_lifetime()) {
        return Err(AuthenticateError::SessionEnded);
    }
    if !user.email_verified {
        return Err(AuthenticateError::EmailNotVerified);
    }
    Ok(SignedInUser { user, session, client })
}
