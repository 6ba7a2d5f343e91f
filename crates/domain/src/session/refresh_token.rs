//! Refresh tokens: the text that a client holds, and what the store retains of it.

use uuid::Uuid;

use super::SessionId;
use crate::{
    secret::{SealedSecret, Secret, SecretDigest},
    time::Instant,
};

/// A refresh token as its client holds it. It names its session, so a session retains nothing that grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session it renews.
    pub session: SessionId,
    /// The secret that proves it.
    pub secret: Secret,
}

impl RefreshToken {
    /// Reads what [`RefreshToken::reveal`] wrote. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = text.split_once('.')?;
        // The parser of UUIDs takes other forms too (hyphens, braces); one token has one form.
        let is_simple = session.len() == 32 && session.bytes().all(|byte| byte.is_ascii_hexdigit());
        let session = Uuid::try_parse(session).ok().filter(|_| is_simple)?;
        Some(Self { session: SessionId(session), secret: Secret::parse(secret)? })
    }

    /// The token in clear, for its client only: 32 hexadecimal digits of the session's id, a dot, 64 of the secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.session.0.simple(), self.secret.reveal())
    }
}

/// The refresh tokens of one session, as they are stored: the present one and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredTokens {
    /// The digest of the secret that the client holds.
    pub present: SecretDigest,
    /// The token that was exchanged for the present one; `None` before the first exchange.
    pub previous: Option<PreviousToken>,
}

/// A token that was exchanged for its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousToken {
    /// The digest of its secret.
    pub digest: SecretDigest,
    /// The time of the exchange.
    pub used_at: Instant,
    /// The secret of its successor, readable only with this token.
    pub sealed_successor: SealedSecret,
}
