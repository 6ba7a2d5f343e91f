//! One-time tokens: they verify that a client can read the mail of an e-mail address.

use chrono::Duration;

use super::Email;
use crate::{ids::UserId, secret::SecretDigest, time::Timestamp};

/// Purpose of a token. A token is not valid for another purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Verify the e-mail of a new account.
    VerifyEmail,
    /// Set a new password without the old one.
    ResetPassword,
    /// Verify the pending e-mail.
    ChangeEmail,
    /// Restore the e-mail that another one has replaced.
    RevertEmail,
}

impl Purpose {
    /// Returns the lifetime of a token. It begins when the mail is sent; for `RevertEmail` when the e-mail was changed.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::hours(24),
            Self::ResetPassword | Self::ChangeEmail => Duration::minutes(30),
            Self::RevertEmail => Duration::days(7),
        }
    }

    /// All values.
    pub const ALL: [Self; 4] = [Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail, Self::RevertEmail];

    /// Parses a stored name. Returns `None` for an unknown name.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// Returns the name under which the purpose is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
            Self::RevertEmail => "revert-email",
        }
    }
}

/// Stored data of a token, without the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeToken {
    /// Digest of the mailed secret.
    pub digest: SecretDigest,
    /// Purpose of the token.
    pub purpose: Purpose,
    /// Owner of the token.
    pub user: UserId,
    /// E-mail that it was mailed to, and the only one that it verifies.
    pub email: Email,
    /// Expiry (exclusive).
    pub expires_at: Timestamp,
}

impl OneTimeToken {
    /// Time after its use in which a token is answered with success once more, and changes nothing. People press a button
    /// twice, and browsers repeat a request.
    pub const REPEATABLE_FOR: Duration = Duration::minutes(10);
}
