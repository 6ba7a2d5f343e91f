//! One-time tokens: proof that somebody reads the mail of an address.

use chrono::Duration;

use super::{Email, UserId};
use crate::{secret::SecretDigest, time::Instant};

/// What a token may be used for. A token of one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Prove the address of a new account.
    VerifyEmail,
    /// Set a new password without the old one.
    ResetPassword,
    /// Prove the address that is to take the place of the old one.
    ChangeEmail,
}

impl Purpose {
    /// How long a token lives.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::hours(24),
            Self::ResetPassword | Self::ChangeEmail => Duration::minutes(30),
        }
    }

    /// The name it is stored under.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
        }
    }
}

/// What is kept of a token: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// The digest of the secret that was mailed.
    pub digest: SecretDigest,
    /// What it is good for.
    pub purpose: Purpose,
    /// Whose it is.
    pub user: UserId,
    /// The address it was mailed to, and the only one it proves.
    pub address: Email,
    /// When it ends (exclusive).
    pub expires_at: Instant,
}
