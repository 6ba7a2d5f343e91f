//! Authenticates a request with an app password.

use crate::{
    account::{Email, User},
    app_password::{AppPassword, AppPasswordSecret, Scope},
    client::ClientInfo,
    error::StoreError,
    limit::{Admission, Counted, Limit, Requester, is_admitted},
    ports::Ports,
    secret::SecretDigest,
    session::{Credential, Principal},
    time::Timestamp,
    use_cases::steps::{CounterCheck, checks_of, count_request, reverse_attempt},
};

/// App password of a request.
#[derive(Debug, Clone)]
pub struct AppPasswordAttempt<'a> {
    /// User name of HTTP Basic authentication: must be the e-mail of the account. `None` for a bearer token, which names
    /// no account.
    pub user_name: Option<&'a str>,
    /// Secret that the request contains.
    pub secret: &'a AppPasswordSecret,
    /// Client of the request.
    pub client: &'a ClientInfo,
}

/// Errors of [`authenticate_app_password`].
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateAppPasswordError {
    /// The app password is unknown, ended or expired, or belongs to another account than the named one. The error does
    /// not reveal which.
    #[error("the app password is not valid")]
    Invalid,
    /// The app password is valid, but does not have the scope.
    #[error("the app password does not have the scope")]
    InsufficientScope {
        /// Scope that it lacks. `None`: the operation requires a session.
        required: Option<Scope>,
    },
    /// The client network has sent too many wrong app passwords. This one was not checked.
    #[error("too many wrong app passwords")]
    TooManyWrong(Vec<Counted>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Authenticates a request, and checks that its app password has the scope. `None`: no scope is enough, because the
/// operation requires a session.
///
/// A cached app password costs no statement and is not counted. Any other one is counted by [`Limit::AppPassword`] and
/// costs one statement; unless it is wrong, the count is reversed.
///
/// # Errors
/// See [`AuthenticateAppPasswordError`].
pub async fn authenticate_app_password(
    ports: &Ports,
    attempt: &AppPasswordAttempt<'_>,
    scope: Option<Scope>,
) -> Result<Principal, AuthenticateAppPasswordError> {
    let (digest, now) = (attempt.secret.digest(), ports.clock.now());
    let cached = ports.store.cached_app_password(&digest).await;
    let (password, user) = match cached.filter(|found| is_valid(found, attempt.user_name, now)) {
        Some(found) => found,
        None => find_counted(ports, attempt, &digest, now).await?,
    };
    if !scope.is_some_and(|scope| password.scopes.contains(scope)) {
        return Err(AuthenticateAppPasswordError::InsufficientScope { required: scope });
    }
    if password.is_use_due(now) {
        // An unrecorded use is no reason to reject a request.
        let _ = record_use(ports, &password, now).await;
    }
    Ok(Principal { user, credential: Credential::AppPassword(password), client: attempt.client.clone() })
}

/// Reads an app password that is not in the cache. Counts the attempt, unless the app password is valid.
async fn find_counted(
    ports: &Ports,
    attempt: &AppPasswordAttempt<'_>,
    digest: &SecretDigest,
    now: Timestamp,
) -> Result<(AppPassword, User), AuthenticateAppPasswordError> {
    let requester = Requester::unknown(attempt.client);
    let checks: Vec<CounterCheck> = checks_of(ports, Limit::AppPassword, &requester).collect();
    // Unavailable counters are no reason to reject a request.
    let Admission { counted, attempt: counts } = count_request(ports, &checks).await.unwrap_or_default();
    if !is_admitted(&counted) {
        return Err(AuthenticateAppPasswordError::TooManyWrong(counted));
    }
    let outcome = find(ports, attempt, digest, now).await;
    if !matches!(outcome, Err(AuthenticateAppPasswordError::Invalid)) {
        reverse_attempt(ports, &counts).await;
    }
    outcome
}

async fn find(
    ports: &Ports,
    attempt: &AppPasswordAttempt<'_>,
    digest: &SecretDigest,
    now: Timestamp,
) -> Result<(AppPassword, User), AuthenticateAppPasswordError> {
    let found = ports.store.app_password_with_user(digest).await?;
    found.filter(|found| is_valid(found, attempt.user_name, now)).ok_or(AuthenticateAppPasswordError::Invalid)
}

/// Returns true when the app password has not expired, and belongs to the account that the client names.
fn is_valid((password, user): &(AppPassword, User), user_name: Option<&str>, now: Timestamp) -> bool {
    let is_of_named = user_name.is_none_or(|name| Email::parse(name).is_ok_and(|email| email == user.email));
    user.email_verified && is_of_named && !password.is_expired(now)
}

async fn record_use(ports: &Ports, password: &AppPassword, now: Timestamp) -> Result<(), StoreError> {
    let since = now - AppPassword::LAST_USE_INTERVAL;
    let mut unit = ports.store.begin().await?;
    unit.record_app_password_use(password.user, password.id, now, since).await?;
    unit.commit().await
}
