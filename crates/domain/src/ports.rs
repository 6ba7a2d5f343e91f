//! What a use case is given.

use std::sync::Arc;

use chrono::Duration;

use crate::{
    account::PasswordHasher,
    contact::batch::MAX_OPERATIONS,
    limit::{RateLimiter, Rates},
    mail::Mailer,
    picture::{PictureProcessor, PictureStore},
    secret::SecretGenerator,
    session::AccessTokens,
    store::Store,
    time::{Clock, IdGenerator},
};

/// Everything outside the rules. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Keeps everything.
    pub store: Arc<dyn Store>,
    /// Hashes passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Signs and checks access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Makes refresh tokens and one-time tokens.
    pub secrets: Arc<dyn SecretGenerator>,
    /// Makes ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Sends mails; used by the outbox worker only.
    pub mailer: Arc<dyn Mailer>,
    /// Checks and squares pictures.
    pub picture_processor: Arc<dyn PictureProcessor>,
    /// Keeps pictures.
    pub picture_store: Arc<dyn PictureStore>,
    /// Counts requests.
    pub rate_limiter: Arc<dyn RateLimiter>,
    /// The numbers that the operator chooses.
    pub policy: Policy,
}

/// The numbers that the operator chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Contacts a user may keep.
    pub contact_limit: u64,
    /// How long an access token lives.
    pub access_token_ttl: Duration,
    /// How long a session lives after the sign-in, whatever happens.
    pub refresh_token_ttl: Duration,
    /// How long a session lives after its last refresh.
    pub session_idle_timeout: Duration,
    /// How long an account is stored whose address is not verified.
    pub unverified_account_ttl: Duration,
    /// How many requests of each kind somebody may send.
    pub rates: Rates,
}

impl Policy {
    /// Contacts that a user's trash holds; the longest deleted go when there are more. Two books of them, so that
    /// whoever deletes all by mistake has them back, and who adds and deletes for ever fills neither disk nor memory;
    /// and never less than go in one batch.
    #[must_use]
    pub fn trash_limit(&self) -> u64 {
        self.contact_limit.saturating_mul(2).max(MAX_OPERATIONS as u64)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            contact_limit: 100,
            access_token_ttl: Duration::minutes(15),
            refresh_token_ttl: Duration::days(30),
            session_idle_timeout: Duration::days(7),
            unverified_account_ttl: Duration::days(7),
            rates: Rates::default(),
        }
    }
}
