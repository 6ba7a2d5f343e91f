//! Refresh tokens: the text that a client holds, and the data that is stored.

use uuid::{Uuid, fmt::Simple};

use crate::{
    ids::SessionId,
    invisible::trimmed,
    secret::{SealedSecret, Secret, SecretDigest},
    time::Timestamp,
};

/// Refresh token as the client holds it. It contains the id of its session, so a session stores only two tokens,
/// however often it is refreshed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Session that it refreshes.
    pub session: SessionId,
    /// Secret that authenticates it.
    pub secret: Secret,
}

impl RefreshToken {
    /// Parses the output of [`RefreshToken::reveal`], trimmed. Returns `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (session, secret) = trimmed(text).split_once('.')?;
        // The UUID parser accepts longer forms too, with hyphens or braces. A token has exactly one form.
        let session = Uuid::try_parse(session).ok().filter(|_| session.len() == Simple::LENGTH)?;
        Some(Self { session: SessionId(session), secret: Secret::parse(secret)? })
    }

    /// Returns the token in plain text, only for its client: 32 hexadecimal digits of the session id, a dot, 64
    /// hexadecimal digits of the secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.session.0.simple(), self.secret.reveal())
    }
}

/// Stored refresh tokens of one session: the current one and its predecessor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredTokens {
    /// Digest of the secret that the client holds.
    pub current: SecretDigest,
    /// Token that was exchanged for the current one; `None` before the first exchange.
    pub previous: Option<PreviousToken>,
}

/// Token that was exchanged for its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreviousToken {
    /// Digest of its secret.
    pub digest: SecretDigest,
    /// Time of the exchange.
    pub used_at: Timestamp,
    /// Secret of its successor, encrypted under this token.
    pub sealed_successor: SealedSecret,
}
