//! Limits and lifetimes that the operator configures.

use chrono::Duration;

use crate::{account::Registration, limit::Rates, session::SessionLifetime};

/// Limits and lifetimes that the operator configures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// People who may register an account.
    pub registration: Registration,
    /// Maximum number of contacts of one user, without the trash. The operator can set another one for a user. The size
    /// of the trash follows from it: [`trash_limit`](crate::contact::trash::trash_limit()).
    pub contact_limit: u64,
    /// Lifetime of an access token.
    pub access_token_ttl: Duration,
    /// Lifetime of a session, counted from the sign-in. Refreshes do not extend it.
    pub refresh_token_ttl: Duration,
    /// Lifetime of a session after its last refresh.
    pub session_idle_timeout: Duration,
    /// Retention of an account whose e-mail is not verified, counted from the registration.
    pub unverified_account_ttl: Duration,
    /// Rate limits, by kind of request.
    pub rates: Rates,
}

impl Policy {
    /// Maximum of [`Policy::contact_limit`], and of the limit of one user.
    pub const MAX_CONTACT_LIMIT: u64 = 1_000_000;

    /// Returns the lifetime of a session.
    #[must_use]
    pub const fn session_lifetime(&self) -> SessionLifetime {
        SessionLifetime { total: self.refresh_token_ttl, idle: self.session_idle_timeout }
    }

    /// Returns the policy for a user with an own contact limit, if any.
    #[must_use]
    pub const fn with_contact_limit(self, own: Option<u64>) -> Self {
        match own {
            Some(contact_limit) => Self { contact_limit, ..self },
            None => self,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            registration: Registration::Open,
            contact_limit: 100,
            access_token_ttl: Duration::minutes(15),
            refresh_token_ttl: Duration::days(30),
            session_idle_timeout: Duration::days(7),
            unverified_account_ttl: Duration::days(7),
            rates: Rates::default(),
        }
    }
}
