//! The session and its tokens.

use chrono::{Duration, DurationRound as _};

use super::RefreshToken;
use crate::{
    client::ClientInfo,
    ids::{SessionId, UserId},
    time::Timestamp,
};

/// Session of one signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// User of the session.
    pub user: UserId,
    /// Time of the sign-in.
    pub created_at: Timestamp,
    /// Time of the last refresh. Users see [`Session::last_used_hour`].
    pub last_used_at: Timestamp,
    /// Client: the IP address of the last refresh, the user agent of the sign-in.
    pub client: ClientInfo,
}

impl Session {
    /// Maximum number of sessions of one user. Beyond it, the least recently used session ends.
    pub const MAX_PER_USER: u64 = 100;

    /// Returns true while the session is active: neither its total lifetime nor its idle time is over.
    #[must_use]
    pub fn is_active(&self, now: Timestamp, lifetime: SessionLifetime) -> bool {
        now < self.created_at + lifetime.total && now < self.last_used_at + lifetime.idle
    }

    /// Returns the time of the last refresh, rounded down to the hour, as users see it. Minutes add no useful
    /// information, and would change at every refresh.
    #[must_use]
    pub fn last_used_hour(&self) -> Timestamp {
        self.last_used_at.duration_trunc(Duration::hours(1)).unwrap_or(self.last_used_at)
    }
}

/// Lifetime of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetime {
    /// Lifetime counted from the sign-in. Refreshes do not extend it.
    pub total: Duration,
    /// Lifetime counted from the last refresh.
    pub idle: Duration,
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
