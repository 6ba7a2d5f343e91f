//! Sign in: an address and a password begin a session.

use super::{AccessTokenError, ClientInfo, Session, SessionId, TokenPair};
use crate::{
    Ports,
    account::{AuthenticatePasswordError, Email, PasswordAttempt, authenticate_password},
    secret::NoRandomness,
    store::StoreError,
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
    let (proven, fresh_hash) = authenticate_password(ports, email.as_ref(), &password).await?;

    let now = ports.clock.now();
    let id = SessionId(ports.ids.next_id());
    let session = Session { id, user: proven.user.id, created_at: now, last_used_at: now, client };
    let refresh_token = ports.secrets.generate()?;
    let pair = TokenPair::issue(ports, &session, refresh_token)?;

    let mut unit = ports.store.begin().await?;
    // The password may have been reset while it was being checked; then what was proven is worth
    // nothing, and a session begun now would outlive the reset.
    let still = unit.lock_credentials(session.user).await?;
    if still.is_none_or(|still| still.password_hash != proven.password_hash) {
        return Err(AuthenticatePasswordError::InvalidCredentials.into());
    }
    if let Some(hash) = fresh_hash {
        unit.set_password_hash(session.user, &hash).await?;
    }
    unit.insert_session(&session, &pair.refresh_token.digest()).await?;
    unit.commit().await?;
    Ok(pair)
}
