//! The session and its refresh tokens.

use chrono::Duration;

use super::AccessClaims;
use crate::{
    Policy, Ports,
    account::UserId,
    client::ClientInfo,
    secret::{SealedSecret, Secret, SecretDigest},
    session::AccessTokenError,
    time::{Instant, id_type},
};

id_type! {
    /// Names a session; the `sid` of its access tokens.
    SessionId
}

/// One signed-in device. A row that is gone is a session that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When they signed in.
    pub created_at: Instant,
    /// When its tokens were last renewed.
    pub last_used_at: Instant,
    /// From where.
    pub client: ClientInfo,
}

impl Session {
    /// Whether it may still be used: it ends some time after the sign-in whatever happens
    /// (`refresh_token_ttl`), and earlier when it is left idle (`session_idle_timeout`).
    #[must_use]
    pub fn is_alive(&self, now: Instant, policy: &Policy) -> bool {
        now < self.created_at + policy.refresh_token_ttl && now < self.last_used_at + policy.session_idle_timeout
    }
}

/// One generation of a session's refresh token, as it is kept. Used ones stay until the session
/// ends, so that a stolen one is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The digest of the secret that the client holds.
    pub digest: SecretDigest,
    /// When it was exchanged for its successor, and the successor, readable only with this token.
    pub used: Option<(Instant, SealedSecret)>,
}

/// What a client gets at sign-in and at each refresh.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// The access token (a signed JWT).
    pub access_token: String,
    /// How long the access token lives.
    pub expires_in: Duration,
    /// The refresh token.
    pub refresh_token: Secret,
}

impl TokenPair {
    pub(super) fn issue(ports: &Ports, session: &Session, refresh_token: Secret) -> Result<Self, AccessTokenError> {
        let issued_at = ports.clock.now();
        let expires_in = ports.policy.access_token_ttl;
        let access_token = ports.access_tokens.issue(&AccessClaims {
            user: session.user,
            session: session.id,
            token_id: ports.ids.next_id(),
            issued_at,
            expires_at: issued_at + expires_in,
        })?;
        Ok(Self { access_token, expires_in, refresh_token })
    }
}
