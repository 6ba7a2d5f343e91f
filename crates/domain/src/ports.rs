//! Dependencies of the use cases.

use std::sync::Arc;

use crate::{
    account::PasswordHasher,
    ids::IdGenerator,
    limit::RateLimiter,
    mail::Mailer,
    picture::{PictureProcessor, PictureStore},
    policy::Policy,
    secret::SecretGenerator,
    session::AccessTokens,
    store::Store,
    time::Clock,
};

/// Ports to everything outside the domain. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Stores all data except pictures.
    pub store: Arc<dyn Store>,
    /// Hashes passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Signs and checks access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Generates refresh tokens and one-time tokens.
    pub secrets: Arc<dyn SecretGenerator>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Returns the current time.
    pub clock: Arc<dyn Clock>,
    /// Sends mails. Only the outbox worker uses it.
    pub mailer: Arc<dyn Mailer>,
    /// Validates uploads and converts them to square pictures.
    pub picture_processor: Arc<dyn PictureProcessor>,
    /// Stores pictures.
    pub picture_store: Arc<dyn PictureStore>,
    /// Counts requests.
    pub rate_limiter: Arc<dyn RateLimiter>,
    /// Limits and lifetimes that the operator configures.
    pub policy: Policy,
}
