//! Hit and miss counters of a session cache.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{AppPasswordId, UserId},
    secret::SecretDigest,
    session::{CacheLookup, CacheTicket, Credential, CredentialId, SessionCache},
};

/// Look-ups of a cache since the start of the process, by result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheReadings {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that found no entry.
    pub misses: u64,
    /// Look-ups while the cache was unavailable.
    pub unavailable: u64,
}

/// Session cache that counts the results of its look-ups.
pub struct CountedSessionCache {
    cache: Arc<dyn SessionCache>,
    hits: AtomicU64,
    misses: AtomicU64,
    unavailable: AtomicU64,
}

impl CountedSessionCache {
    /// Wraps a cache.
    #[must_use]
    pub fn new(cache: Arc<dyn SessionCache>) -> Self {
        Self { cache, hits: AtomicU64::new(0), misses: AtomicU64::new(0), unavailable: AtomicU64::new(0) }
    }

    /// Returns the current counters.
    #[must_use]
    pub fn readings(&self) -> CacheReadings {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheReadings { hits: read(&self.hits), misses: read(&self.misses), unavailable: read(&self.unavailable) }
    }
}

#[async_trait]
impl SessionCache for CountedSessionCache {
    async fn look_up(&self, user: UserId, id: CredentialId) -> CacheLookup {
        let found = self.cache.look_up(user, id).await;
        let counter = match &found {
            CacheLookup::Hit(_) => &self.hits,
            CacheLookup::Miss(_) => &self.misses,
            CacheLookup::Unavailable => &self.unavailable,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    async fn store(&self, ticket: CacheTicket, credential: &Credential, user: &User) {
        self.cache.store(ticket, credential, user).await;
    }

    async fn app_password_id(&self, digest: &SecretDigest) -> Option<(UserId, AppPasswordId)> {
        self.cache.app_password_id(digest).await
    }

    async fn store_app_password_id(&self, digest: &SecretDigest, user: UserId, id: AppPasswordId) {
        self.cache.store_app_password_id(digest, user, id).await;
    }

    async fn invalidate(&self, users: &[UserId]) {
        self.cache.invalidate(users).await;
    }
}
