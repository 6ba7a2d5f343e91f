//! What is counted, and what comes of it.

use std::{num::NonZeroU32, time::Duration};

use crate::account::{Email, UserId};
use crate::{
    client::ClientNetwork,
    session::{DeviceDigest, SessionId},
};

/// So many requests at once; each comes back after its share of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    limit: NonZeroU32,
    window: Duration,
}

impl Quota {
    /// The greatest limit: beyond it the pause between two requests could no longer be measured.
    pub const MAX_LIMIT: NonZeroU32 = NonZeroU32::MIN.saturating_add(999_999);

    /// So many requests in that time. A limit beyond [`Quota::MAX_LIMIT`] is that.
    #[must_use]
    pub fn new(limit: NonZeroU32, window: Duration) -> Self {
        Self { limit: limit.min(Self::MAX_LIMIT), window }
    }

    /// So many times as many requests in the same time.
    #[must_use]
    pub fn times(self, factor: NonZeroU32) -> Self {
        Self::new(self.limit.saturating_mul(factor), self.window)
    }

    /// As many requests in so many times the time.
    #[must_use]
    pub fn over(self, windows: NonZeroU32) -> Self {
        Self::new(self.limit, self.window.saturating_mul(windows.get()))
    }

    /// How many requests.
    #[must_use]
    pub const fn limit(self) -> u32 {
        self.limit.get()
    }

    /// In how long.
    #[must_use]
    pub const fn window(self) -> Duration {
        self.window
    }

    /// Microseconds after which one request comes back; at least one.
    #[must_use]
    pub fn interval_micros(self) -> i64 {
        let share = self.window / self.limit.get();
        i64::try_from(share.as_micros()).unwrap_or(i64::MAX / i64::from(Self::MAX_LIMIT.get())).max(1)
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A session's.
    Session(SessionId),
    /// A user's.
    User(UserId),
    /// Everybody's from a client network.
    Address(ClientNetwork),
    /// Those that name an e-mail address, wherever they come from.
    Account(Email),
    /// Those from a client network that name an e-mail address; `None` when what they name is none.
    AddressAndAccount(ClientNetwork, Option<Email>),
    /// Those from a device that name an e-mail address.
    DeviceAndAccount(DeviceDigest, Email),
}

/// What one counter counts: requests of a kind, by somebody.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The counter's name; says nothing of anybody.
    pub counter: &'static str,
    /// Whose requests.
    pub subject: Subject,
}

impl Key {
    /// The subject in letters, another for each subject. Personal: an adapter MUST NOT show it to
    /// another machine unless it is hashed with a secret.
    #[must_use]
    pub fn subject_text(&self) -> String {
        match &self.subject {
            Subject::Session(session) => format!("session {session}"),
            Subject::User(user) => format!("user {user}"),
            Subject::Address(address) => format!("address {address}"),
            Subject::Account(email) => format!("account {}", email.as_str()),
            Subject::AddressAndAccount(address, email) => {
                format!("address {address} account {}", email.as_ref().map_or("", Email::as_str))
            }
            Subject::DeviceAndAccount(device, email) => format!("device {device} account {}", email.as_str()),
        }
    }
}

/// May one more request be counted under this key?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Under which.
    pub key: Key,
    /// How many may be.
    pub quota: Quota,
}

/// What a counter says to one ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether this counter has room for the request.
    pub allowed: bool,
    /// How many more it has room for, now.
    pub remaining: u32,
    /// When it will have room again; zero when it has.
    pub retry_after: Duration,
    /// When its whole allowance is back.
    pub reset_after: Duration,
}
