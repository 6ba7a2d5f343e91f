//! The session and its refresh tokens.

use chrono::Duration;

use super::{AccessClaims, RefreshToken};
use crate::{
    Policy, Ports,
    account::UserId,
    client::ClientInfo,
    secret::Secret,
    session::AccessTokenError,
    time::{Instant, id_type},
};

id_type! {
    /// Names a session; the `sid` of its access tokens.
    SessionId
}

/// One signed-in device.
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
    /// Its device: the address that last renewed the tokens, the user agent that signed in.
    pub client: ClientInfo,
}

impl Session {
    /// Sessions that one user may have; of more, the longest unused ends.
    pub const MAX_PER_USER: u64 = 100;

    /// Whether it may still be used: it ends some time after the sign-in whatever happens
    /// (`refresh_token_ttl`), and earlier when it is left idle (`session_idle_timeout`).
    #[must_use]
    pub fn is_alive(&self, now: Instant, policy: &Policy) -> bool {
        now < self.created_at + policy.refresh_token_ttl && now < self.last_used_at + policy.session_idle_timeout
    }
}

/// What a client gets at sign-in and at each refresh.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// The access token (a signed JWT).
    pub access_token: String,
    /// How long the access token lives.
    pub expires_in: Duration,
    /// The refresh token.
    pub refresh_token: RefreshToken,
}

impl TokenPair {
    /// Signs an access token for the session; `secret` is that of its present refresh token.
    pub(super) fn issue(ports: &Ports, session: &Session, secret: Secret) -> Result<Self, AccessTokenError> {
        let issued_at = ports.clock.now();
        let expires_in = ports.policy.access_token_ttl;
        let access_token = ports.access_tokens.issue(&AccessClaims {
            user: session.user,
            session: session.id,
            token_id: ports.ids.next_id(),
            issued_at,
            expires_at: issued_at + expires_in,
        })?;
        let refresh_token = RefreshToken { session: session.id, secret };
        Ok(Self { access_token, expires_in, refresh_token })
    }
}
