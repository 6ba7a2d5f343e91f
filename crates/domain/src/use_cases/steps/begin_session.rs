//! Begins a session, after a sign-in or a change of the password.

use super::issue_tokens;
use crate::{
    client::ClientInfo,
    error::StoreError,
    ids::{SessionId, UserId},
    ports::Ports,
    secret::NoRandomness,
    session::{AccessTokenError, Session, TokenPair},
    store::UnitOfWork,
};

/// Errors of beginning a session.
#[derive(Debug, thiserror::Error)]
pub enum BeginSessionError {
    /// No refresh token could be generated.
    #[error(transparent)]
    RefreshToken(#[from] NoRandomness),
    /// No access token could be signed.
    #[error(transparent)]
    AccessToken(#[from] AccessTokenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a session and issues its first tokens. The user MUST be locked in the unit, so that the number of sessions
/// stays within [`Session::MAX_PER_USER`].
pub(crate) async fn begin_session(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: UserId,
    client: ClientInfo,
) -> Result<(Session, TokenPair), BeginSessionError> {
    let now = ports.clock.now();
    let id = SessionId(ports.ids.next_id());
    let session = Session { id, user, created_at: now, last_used_at: now, client };
    let pair = issue_tokens(ports, &session, ports.secrets.generate()?)?;
    unit.insert_session(&session, &pair.refresh_token.secret.digest()).await?;
    unit.end_longest_unused_sessions(user, Session::MAX_PER_USER).await?;
    Ok((session, pair))
}
