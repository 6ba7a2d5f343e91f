//! Refresh: exchanges a refresh token for a new pair of tokens. Each refresh token can be exchanged once.

use chrono::Duration;

use crate::{
    audit::{AuditAction, AuditOutcome},
    client::{ClientInfo, Site},
    error::StoreError,
    ids::{SessionId, UserId},
    mail::MailKind,
    ports::Ports,
    secret::{NoRandomness, Secret},
    session::{AccessTokenError, LockedSession, PreviousToken, RefreshToken, Session, StoredTokens, TokenPair},
    store::UnitOfWork,
    time::Timestamp,
    use_cases::steps::{enqueue_notice, issue_tokens, record_event},
};

/// Grace period within which a used token still returns its successor, for two concurrent tabs or a lost response.
const REPEAT_GRACE: Duration = Duration::seconds(10);

/// Errors of [`refresh`].
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is unknown, or its session has ended.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The token is not the current one of its session, and not a repeat by the client that used it. So another client
    /// has a copy. The session has been ended.
    #[error("a refresh token of session {session} of user {user} was used again; the session has been ended")]
    Reused {
        /// User of the session.
        user: UserId,
        /// The session that was ended.
        session: SessionId,
    },
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

/// Exchanges a refresh token for the next pair (RFC 9700, 4.14.2: rotation, and the end of the session on reuse).
///
/// A repeat within 10 s from the site that used the token returns the same successor, and is recorded. Any
/// other token ends its active session, including tokens of earlier generations and tokens that were never issued.
///
/// # Errors
/// See [`RefreshError`]. Before `Reused` is returned, the end of the session has been recorded and committed.
pub async fn refresh(ports: &Ports, token: &str, client: &ClientInfo) -> Result<TokenPair, RefreshError> {
    let presented = RefreshToken::parse(token).ok_or(RefreshError::Invalid)?;
    let mut unit = ports.store.begin().await?;
    let locked = unit.lock_session(presented.session).await?.ok_or(RefreshError::Invalid)?;
    // The time is read after the lock, so that waiting for the lock does not make it outdated.
    let now = ports.clock.now();
    if !locked.session.is_active(now, ports.policy.session_lifetime()) {
        return Err(RefreshError::Invalid);
    }
    if locked.tokens.current == presented.secret.digest() {
        return rotate(ports, unit, locked, &presented.secret, client, now).await;
    }
    match successor_of_repeat(&locked, &presented.secret, client, now) {
        Some(successor) => {
            let pair = issue_tokens(ports, &locked.session, successor)?;
            record(ports, &mut *unit, AuditOutcome::TokenRepeated, &locked.session, client).await?;
            unit.commit().await?;
            Ok(pair)
        }
        None => end_reused(ports, unit, &locked.session, client).await,
    }
}

/// Ends a session whose refresh token was copied by another client, and notifies its user.
async fn end_reused(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    session: &Session,
    client: &ClientInfo,
) -> Result<TokenPair, RefreshError> {
    unit.end_session(session.user, session.id).await?;
    if let Some(user) = unit.find_user(session.user).await? {
        enqueue_notice(ports, &mut *unit, MailKind::SessionEnded, &user, client).await?;
    }
    record(ports, &mut *unit, AuditOutcome::TokenReused, session, client).await?;
    unit.commit().await?;
    Err(RefreshError::Reused { user: session.user, session: session.id })
}

/// Handles the first use of a token: it becomes the previous token, and its successor the current one.
async fn rotate(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    locked: LockedSession,
    presented: &Secret,
    client: &ClientInfo,
    now: Timestamp,
) -> Result<TokenPair, RefreshError> {
    let LockedSession { mut session, tokens } = locked;
    session.last_used_at = now;
    session.client.ip = client.ip;
    let successor = ports.secrets.generate()?;
    let sealed_successor = successor.seal_under(presented);
    let previous = PreviousToken { digest: tokens.current, used_at: now, sealed_successor };
    let renewed = StoredTokens { current: successor.digest(), previous: Some(previous) };
    let pair = issue_tokens(ports, &session, successor)?;
    unit.renew_session(&session, &renewed).await?;
    unit.commit().await?;
    Ok(pair)
}

/// Returns the successor of a token that is repeated by the client that used it. Returns `None` for every other token
/// and client.
fn successor_of_repeat(
    locked: &LockedSession,
    presented: &Secret,
    client: &ClientInfo,
    now: Timestamp,
) -> Option<Secret> {
    let previous = locked.tokens.previous.filter(|previous| previous.digest == presented.digest())?;
    // Also before the use: a clock that was set back must not prolong the period.
    let is_within_grace = (now - previous.used_at).abs() < REPEAT_GRACE;
    let is_same_client = Site::of(client.ip) == Site::of(locked.session.client.ip);
    (is_within_grace && is_same_client).then(|| presented.unseal(&previous.sealed_successor))
}

async fn record(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    outcome: AuditOutcome,
    session: &Session,
    client: &ClientInfo,
) -> Result<(), StoreError> {
    record_event(ports, unit, AuditAction::Refresh, outcome, Some(session.user), client).await
}
