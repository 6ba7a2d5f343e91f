//! The app password, without its secret.

use chrono::Duration;

use super::Scopes;
use crate::{
    ids::{AppPasswordId, UserId},
    text::{single_line, text_type},
    time::Timestamp,
};

text_type! {
    /// Name of an app password, by which its owner recognizes the program that has it.
    AppPasswordName, single_line, 100
}

/// Password for one program of a user. Only the digest of its secret is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// The id.
    pub id: AppPasswordId,
    /// Owner of the app password.
    pub user: UserId,
    /// Name that the owner has given it.
    pub name: AppPasswordName,
    /// Operations that it allows.
    pub scopes: Scopes,
    /// Time of the creation.
    pub created_at: Timestamp,
    /// Expiry (exclusive). `None`: it never expires.
    pub expires_at: Option<Timestamp>,
    /// Latest recorded use. `None`: never used. The latest use may be [`AppPassword::LAST_USE_INTERVAL`] later.
    pub last_used_at: Option<Timestamp>,
}

impl AppPassword {
    /// Maximum number of app passwords of one user, expired ones included.
    pub const MAX_PER_USER: u64 = 50;

    /// Minimum time between two records of a use. A program that synchronizes each minute causes one write an hour.
    pub const LAST_USE_INTERVAL: Duration = Duration::hours(1);

    /// Retention of an expired app password. Until then its owner sees in the list why a program is rejected.
    pub const EXPIRED_RETENTION: Duration = Duration::days(30);

    /// Returns true when the app password has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Returns true when a use at `now` is to be recorded.
    #[must_use]
    pub fn is_use_due(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last_used_at| last_used_at + Self::LAST_USE_INTERVAL <= now)
    }
}
