//! Refresh: a refresh token buys a new pair, once.

use chrono::Duration;

use super::{
    AccessTokenError, LockedSession, PreviousToken, RefreshToken, Session, SessionId, StoredTokens, TokenPair,
};
use crate::{
    Ports,
    account::UserId,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    client::{ClientInfo, ClientNetwork},
    mail::{Mail, MailKind},
    secret::{NoRandomness, Secret},
    store::{StoreError, UnitOfWork},
    time::Instant,
};

/// Time within which a used token is still answered with its successor, for two tabs at once or a lost answer.
const REPEAT_GRACE: Duration = Duration::seconds(10);

/// Why there is no new pair.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, or of a session that has ended.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Not the present token of its session, and no repeat by the client that used it: another client has a copy. The
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

/// Exchanges a refresh token for the next pair (RFC 9700, 4.14.2: rotation, and the end of the session on reuse).
///
/// A repeat within ten seconds from the client network that used the token is answered with the same successor; it
/// is recorded. Any other token of a living session ends the session, also one of earlier generations and one that
/// was never issued.
///
/// # Errors
/// See [`RefreshError`]. When it is `Reused`, the end of the session has been committed and recorded before.
pub async fn refresh(ports: &Ports, token: &str, client: &ClientInfo) -> Result<TokenPair, RefreshError> {
    let presented = RefreshToken::parse(token).ok_or(RefreshError::Invalid)?;
    let mut unit = ports.store.begin().await?;
    let locked = unit.lock_session(presented.session).await?.ok_or(RefreshError::Invalid)?;
    // Read after the lock: a caller that waited for it must not judge by a time before it waited.
    let now = ports.clock.now();
    if !locked.session.is_alive(now, &ports.policy) {
        return Err(RefreshError::Invalid);
    }
    if locked.tokens.present == presented.secret.digest() {
        return rotate(ports, unit, locked, &presented.secret, client, now).await;
    }
    match repeated(&locked, &presented.secret, client, now) {
        Some(successor) => {
            let pair = TokenPair::issue(ports, &locked.session, successor)?;
            unit.record(&event(ports, AuditOutcome::TokenRepeated, &locked.session, client)).await?;
            unit.commit().await?;
            Ok(pair)
        }
        None => end(ports, unit, &locked.session, client).await,
    }
}

/// Ends the session of a token that another client has a copy of, and reports it to its user.
async fn end(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    session: &Session,
    client: &ClientInfo,
) -> Result<TokenPair, RefreshError> {
    unit.end_session(session.user, session.id).await?;
    if let Some(user) = unit.find_user(session.user).await? {
        unit.enqueue_mail(&Mail::notice(ports, MailKind::SessionEnded, &user, client)).await?;
    }
    unit.record(&event(ports, AuditOutcome::TokenReused, session, client)).await?;
    unit.commit().await?;
    Err(RefreshError::Reused { user: session.user, session: session.id })
}

/// The first use of a token: it becomes the previous one, and its successor the present one.
async fn rotate(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    locked: LockedSession,
    presented: &Secret,
    client: &ClientInfo,
    now: Instant,
) -> Result<TokenPair, RefreshError> {
    let LockedSession { mut session, tokens } = locked;
    session.last_used_at = now;
    session.client.ip = client.ip;
    let successor = ports.secrets.generate()?;
    let sealed_successor = successor.seal_under(presented);
    let previous = PreviousToken { digest: tokens.present, used_at: now, sealed_successor };
    let renewed = StoredTokens { present: successor.digest(), previous: Some(previous) };
    let pair = TokenPair::issue(ports, &session, successor)?;
    unit.renew_session(&session, &renewed).await?;
    unit.commit().await?;
    Ok(pair)
}

/// The successor of a token that is repeated by the client that used it; `None` for every other token and client.
fn repeated(locked: &LockedSession, presented: &Secret, client: &ClientInfo, now: Instant) -> Option<Secret> {
    let previous = locked.tokens.previous.filter(|previous| previous.digest == presented.digest())?;
    let is_in_time = now < previous.used_at + REPEAT_GRACE;
    let is_same_client = ClientNetwork::site_of(client.ip) == ClientNetwork::site_of(locked.session.client.ip);
    (is_in_time && is_same_client).then(|| presented.unseal(&previous.sealed_successor))
}

fn event(ports: &Ports, outcome: AuditOutcome, session: &Session, client: &ClientInfo) -> AuditEvent {
    AuditEvent::new(ports, AuditAction::Refresh, outcome, Some(session.user), client)
}
