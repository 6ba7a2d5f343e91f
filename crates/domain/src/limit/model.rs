//! Values of the rate limits: quotas, keys, checks and decisions.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    account::Email,
    client::ClientNetwork,
    ids::{AppPasswordId, SessionId, UserId},
    session::DeviceDigest,
};

/// Quota: at most `limit` requests at once. Each request becomes available again after `window / limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    limit: NonZeroU32,
    window: Duration,
}

impl Quota {
    /// Maximum limit. Beyond it the interval between two requests is too short to measure.
    pub const MAX_LIMIT: NonZeroU32 = NonZeroU32::MIN.saturating_add(999_999);

    /// Creates a quota of `limit` requests per `window`. A limit above [`Quota::MAX_LIMIT`] is reduced to it.
    #[must_use]
    pub fn new(limit: NonZeroU32, window: Duration) -> Self {
        Self { limit: limit.min(Self::MAX_LIMIT), window }
    }

    /// Multiplies the limit; the window is unchanged.
    #[must_use]
    pub fn times(self, factor: NonZeroU32) -> Self {
        Self::new(self.limit.saturating_mul(factor), self.window)
    }

    /// Multiplies the window; the limit is unchanged.
    #[must_use]
    pub fn over(self, windows: NonZeroU32) -> Self {
        Self::new(self.limit, self.window.saturating_mul(windows.get()))
    }

    /// Returns the number of requests.
    #[must_use]
    pub const fn limit(self) -> u32 {
        self.limit.get()
    }

    /// Returns the window.
    #[must_use]
    pub const fn window(self) -> Duration {
        self.window
    }

    /// Returns the interval, in microseconds, after which one request becomes available again; at least 1.
    #[must_use]
    pub fn interval_micros(self) -> i64 {
        let share = self.window / self.limit.get();
        i64::try_from(share.as_micros()).unwrap_or(i64::MAX / i64::from(Self::MAX_LIMIT.get())).max(1)
    }
}

/// Subject whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Requests of a session.
    Session(SessionId),
    /// Requests with an app password.
    AppPassword(AppPasswordId),
    /// Requests of a user, in all sessions and with all app passwords.
    User(UserId),
    /// All requests from a client network.
    Network(ClientNetwork),
    /// Requests that name an e-mail, from any client.
    Account(Email),
    /// Requests from a client network that name an e-mail; `None` when the name is not a valid e-mail.
    NetworkAndAccount(ClientNetwork, Option<Email>),
    /// Requests from a device that name an e-mail.
    DeviceAndAccount(DeviceDigest, Email),
}

/// Key of one count: a counter and a subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Name of the counter; contains no personal data.
    pub counter: &'static str,
    /// Subject of the count.
    pub subject: Subject,
}

impl Key {
    /// Returns the subject as text, unique per subject. It is personal data: an adapter MUST NOT send it to another
    /// machine unless it is hashed with a secret.
    #[must_use]
    pub fn subject_text(&self) -> String {
        match &self.subject {
            Subject::Session(session) => format!("session {session}"),
            Subject::AppPassword(password) => format!("app password {password}"),
            Subject::User(user) => format!("user {user}"),
            Subject::Network(network) => format!("address {network}"),
            Subject::Account(email) => format!("account {}", email.as_str()),
            Subject::NetworkAndAccount(network, email) => {
                format!("address {network} account {}", email.as_ref().map_or("", Email::as_str))
            }
            Subject::DeviceAndAccount(device, email) => format!("device {device} account {}", email.as_str()),
        }
    }
}

/// Check of one key: it counts one more request if the quota allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitCheck {
    /// Key to check.
    pub key: Key,
    /// Quota of the key.
    pub quota: Quota,
}

/// Decision of a counter on one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// True when the quota of this counter allows the request.
    pub allowed: bool,
    /// Number of further requests that the quota allows now.
    pub remaining: u32,
    /// Time until the quota allows a request; zero when it allows one now.
    pub retry_after: Duration,
    /// Time until the full quota is available.
    pub reset_after: Duration,
}
