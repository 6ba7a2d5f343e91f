//! Sign in: an address and a password begin a session.

use super::{BeginSessionError, DeviceDigest, Session, TokenPair, begin_session};
use crate::{
    Ports,
    account::{AuthenticatePasswordError, Email, PasswordAttempt, User, authenticate_password},
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    limit::{Ask, give_back},
    mail::{Mail, MailKind},
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
    /// What was counted for the case that the password is wrong.
    pub attempt: Vec<Ask>,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The password proves nothing.
    #[error(transparent)]
    Password(#[from] AuthenticatePasswordError),
    /// The session could not be begun.
    #[error(transparent)]
    Session(#[from] BeginSessionError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a session. The attempt is counted only when the password is wrong.
///
/// # Errors
/// See [`LoginError`].
pub async fn login(ports: &Ports, command: LoginCommand) -> Result<TokenPair, LoginError> {
    let LoginCommand { email, password, client, attempt } = command;
    let outcome = sign_in(ports, email.as_ref(), &password, client).await;
    if !matches!(outcome, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))) {
        give_back(ports, &attempt).await;
    }
    outcome
}

async fn sign_in(
    ports: &Ports,
    email: Option<&Email>,
    password: &PasswordAttempt,
    client: ClientInfo,
) -> Result<TokenPair, LoginError> {
    loop {
        let (proven, fresh_hash) = authenticate_password(ports, email, password, &client).await?;
        let mut unit = ports.store.begin().await?;
        // A session begun with a password that was reset meanwhile would outlive the reset. What replaced the
        // hash may also be a new one of the same password, made at another sign-in; so it is asked again.
        let still = unit.lock_credentials(proven.user.id).await?;
        let still = still.filter(|still| still.password_hash == proven.password_hash);
        let Some(user) = still.map(|still| still.user) else { continue };
        if let Some(hash) = fresh_hash {
            unit.set_password_hash(user.id, &hash).await?;
        }
        let (session, pair) = begin_session(ports, &mut *unit, user.id, client).await?;
        note_device(ports, &mut *unit, &user, &session).await?;
        unit.record(&AuditEvent::success(ports, AuditAction::SignIn, user.id, &session.client)).await?;
        unit.commit().await?;
        return Ok(pair);
    }
}

/// Records the device of a new session, and reports one that is new to its user.
async fn note_device(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    session: &Session,
) -> Result<(), StoreError> {
    let is_new = unit.record_device(user.id, &DeviceDigest::of(&session.client), session.created_at).await?;
    // The first device of an account is the one of whoever has just registered it.
    if is_new && user.notify_new_device && unit.count_devices(user.id).await? > 1 {
        unit.enqueue_mail(&Mail::notice(ports, MailKind::NewDevice, user, &session.client)).await?;
    }
    Ok(())
}
