//! One-time tokens: proof that somebody reads the mail of an address.

use chrono::Duration;

use super::{Email, User, UserId};
use crate::{
    Ports,
    secret::{Secret, SecretDigest},
    store::{StoreError, UnitOfWork},
    time::Instant,
};

/// What a token may be used for. A token of one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Prove the address of a new account.
    VerifyEmail,
    /// Set a new password without the old one.
    ResetPassword,
    /// Prove the address that is to take the place of the old one.
    ChangeEmail,
    /// Take back the address that another one has taken the place of.
    RevertEmail,
}

impl Purpose {
    /// How long a token lives.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::hours(24),
            Self::ResetPassword | Self::ChangeEmail => Duration::minutes(30),
            Self::RevertEmail => Duration::days(7),
        }
    }

    /// All of them.
    pub const ALL: [Self; 4] = [Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail, Self::RevertEmail];

    /// Takes back a name that a store kept; `None` for one that is none of ours.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// The name it is stored under.
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

/// A token in the form it is mailed in, found to be good a moment ago.
pub(super) struct GoodToken {
    digest: SecretDigest,
    purpose: Purpose,
    owner: UserId,
}

impl GoodToken {
    /// Reads a token and looks it up, before anything is spent on it. `None` when it is worth nothing.
    pub(super) async fn read(ports: &Ports, text: &str, purpose: Purpose) -> Result<Option<Self>, StoreError> {
        let Some(digest) = Secret::parse(text).map(|secret| secret.digest()) else { return Ok(None) };
        let owner = ports.store.one_time_token_owner(&digest, purpose, ports.clock.now()).await?;
        Ok(owner.map(|owner| Self { digest, purpose, owner }))
    }

    /// Whose it is.
    pub(super) const fn owner(&self) -> UserId {
        self.owner
    }

    /// Locks its owner, then uses it up. Always in this order: two tokens of one user must not wait for
    /// each other. `None` when somebody was quicker.
    pub(super) async fn consume(
        &self,
        ports: &Ports,
        unit: &mut dyn UnitOfWork,
    ) -> Result<Option<(User, Email)>, StoreError> {
        let Some(user) = unit.lock_user(self.owner).await? else { return Ok(None) };
        let token = unit.consume_one_time_token(&self.digest, self.purpose, ports.clock.now()).await?;
        Ok(token.map(|token| (user, token.address)))
    }
}
