//! Login: begins a session for an e-mail and a password.

use crate::{
    account::{Email, PasswordAttempt, User},
    audit::AuditAction,
    client::ClientInfo,
    error::StoreError,
    limit::LimitCheck,
    mail::MailKind,
    ports::Ports,
    session::{DeviceDigest, Session, TokenPair},
    store::UnitOfWork,
    use_cases::steps::{
        AuthenticatePasswordError, BeginSessionError, authenticate_password, begin_session, enqueue_notice,
        record_success, reverse_attempt,
    },
};

/// Parameters of [`login`].
#[derive(Debug, Clone)]
pub struct LoginCommand {
    /// E-mail of the account. `None` when the given text is not an e-mail address.
    pub email: Option<Email>,
    /// Password to check.
    pub password: PasswordAttempt,
    /// Client of the request.
    pub client: ClientInfo,
    /// Rate-limit counts that are reversed unless the password is wrong.
    pub attempt: Vec<LimitCheck>,
}

/// Errors of [`login`].
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The e-mail and password were not accepted.
    #[error(transparent)]
    Password(#[from] AuthenticatePasswordError),
    /// The session could not be created.
    #[error(transparent)]
    Session(#[from] BeginSessionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins a session. The attempt counts towards the limits only when the password is wrong.
///
/// # Errors
/// See [`LoginError`].
pub async fn login(ports: &Ports, command: LoginCommand) -> Result<TokenPair, LoginError> {
    let LoginCommand { email, password, client, attempt } = command;
    let outcome = sign_in(ports, email.as_ref(), &password, client).await;
    if !matches!(outcome, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))) {
        reverse_attempt(ports, &attempt).await;
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
        let (credentials, fresh_hash) = authenticate_password(ports, email, password, &client).await?;
        let mut unit = ports.store.begin().await?;
        // A session for a password that was reset since would survive the reset. The hash may also have been replaced
        // by a new hash of the same password, at another sign-in. So the password is checked again. The same applies to
        // an account that was disabled since.
        let locked = unit.lock_credentials(credentials.user.id).await?;
        let locked = locked.filter(|locked| locked.password_hash == credentials.password_hash && !locked.is_disabled);
        let Some(user) = locked.map(|locked| locked.user) else { continue };
        if let Some(hash) = fresh_hash {
            unit.set_password_hash(user.id, &hash).await?;
        }
        let (session, pair) = begin_session(ports, &mut *unit, user.id, client).await?;
        record_device_of(ports, &mut *unit, &user, &session).await?;
        record_success(ports, &mut *unit, AuditAction::SignIn, user.id, &session.client).await?;
        unit.commit().await?;
        return Ok(pair);
    }
}

/// Records the device of a new session. Sends the user a notice if the device is new.
async fn record_device_of(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    session: &Session,
) -> Result<(), StoreError> {
    let is_new = unit.record_device(user.id, &DeviceDigest::of(&session.client), session.created_at).await?;
    // The first device of an account belongs to the registrant, so it is not reported.
    if is_new && user.notify_new_device && unit.count_devices(user.id).await? > 1 {
        enqueue_notice(ports, unit, MailKind::NewDevice, user, &session.client).await?;
    }
    Ok(())
}
