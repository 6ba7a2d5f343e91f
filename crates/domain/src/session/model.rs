//! The session and its tokens.

use chrono::Duration;

use super::{AccessClaims, RefreshToken};
use crate::{
    Policy, Ports,
    account::UserId,
    client::ClientInfo,
    secret::Secret,
    session::AccessTokenError,
    time::{Timestamp, id_type},
};

id_type! {
    /// Id of a session; the `sid` claim of its access tokens.
    SessionId
}

/// Session of one signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// User of the session.
    pub user: UserId,
    /// Time of the sign-in.
    pub created_at: Timestamp,
    /// Time of the last refresh.
    pub last_used_at: Timestamp,
    /// Client: the IP address of the last refresh, the user agent of the sign-in.
    pub client: ClientInfo,
}

impl Session {
    /// Maximum number of sessions of one user. Beyond it, the least recently used session ends.
    pub const MAX_PER_USER: u64 = 100;

    /// Returns true while the session is active: for `refresh_token_ttl` after the sign-in, and for
    /// `session_idle_timeout` after the last refresh, whichever ends first.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp, policy: &Policy) -> bool {
        now < self.created_at + policy.refresh_token_ttl && now < self.last_used_at + policy.session_idle_timeout
    }
}

/// Tokens issued at each sign-in and refresh.
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// The access token (a signed JWT).
    pub access_token: String,
    /// Lifetime of the access token.
    pub expires_in: Duration,
    /// The refresh token.
    pub refresh_token: RefreshToken,
}

impl TokenPair {
    /// Signs an access token for the session. `secret` is the secret of its current refresh token.
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
