//! Sign in: an address and a password begin a session.

use super::{AccessTokenError, Session, SessionId, TokenPair};
use crate::{
    Ports,
    account::{AuthenticatePasswordError, Email, PasswordAttempt, PasswordHash, UserId, authenticate_password},
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    secret::NoRandomness,
    store::{StoreError, UnitOfWork},
};

/// Who wants in.
#[derive(Debug, Clone)]
pub struct LoginCommand {
    /// The address; `None` when what was typed is none.
    pub email: Option<Email>,
    /// The password they tried.
    pub password: PasswordAttempt,
    /// Their device.
    pub client: ClientInfo,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The password proves nothing.
    #[error(transparent)]
    Password(#[from] AuthenticatePasswordError),
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

/// Begins a session.
///
/// # Errors
/// See [`LoginError`].
pub async fn login(ports: &Ports, command: LoginCommand) -> Result<TokenPair, LoginError> {
    let LoginCommand { email, password, client } = command;
    loop {
        let (proven, fresh_hash) = authenticate_password(ports, email.as_ref(), &password, &client).await?;
        let mut unit = ports.store.begin().await?;
        // A session begun with a password that was reset meanwhile would outlive the reset. What replaced the
        // hash may also be a new one of the same password, made at another sign-in; so it is asked again.
        let still = unit.lock_credentials(proven.user.id).await?;
        if still.is_none_or(|still| still.password_hash != proven.password_hash) {
            continue;
        }
        return begin_session(ports, unit, proven.user.id, fresh_hash, client).await;
    }
}

async fn begin_session(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    user: UserId,
    fresh_hash: Option<PasswordHash>,
    client: ClientInfo,
) -> Result<TokenPair, LoginError> {
    let now = ports.clock.now();
    let id = SessionId(ports.ids.next_id());
    let session = Session { id, user, created_at: now, last_used_at: now, client };
    let refresh_token = ports.secrets.generate()?;
    let pair = TokenPair::issue(ports, &session, refresh_token)?;
    if let Some(hash) = fresh_hash {
        unit.set_password_hash(user, &hash).await?;
    }
    unit.insert_session(&session, &pair.refresh_token.digest()).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::SignIn, user, &session.client)).await?;
    unit.commit().await?;
    Ok(pair)
}
