//! Hit and miss counters of a session cache.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use domain::{
    account::User,
    ids::{SessionId, UserId},
    session::Session,
};

use super::{Remembered, SessionCache, Ticket};

/// Look-ups of a cache since the start of the process, by result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheReadings {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that found no entry.
    pub misses: u64,
    /// Look-ups while the cache was unavailable.
    pub away: u64,
}

/// Session cache that counts the results of its look-ups.
pub struct CountedSessionCache {
    cache: Arc<dyn SessionCache>,
    hits: AtomicU64,
    misses: AtomicU64,
    away: AtomicU64,
}

impl CountedSessionCache {
    /// Wraps a cache.
    #[must_use]
    pub fn new(cache: Arc<dyn SessionCache>) -> Self {
        Self { cache, hits: AtomicU64::new(0), misses: AtomicU64::new(0), away: AtomicU64::new(0) }
    }

    /// Returns the current counters.
    #[must_use]
    pub fn readings(&self) -> CacheReadings {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheReadings { hits: read(&self.hits), misses: read(&self.misses), away: read(&self.away) }
    }
}

#[async_trait]
impl SessionCache for CountedSessionCache {
    async fn look_up(&self, user: UserId, session: SessionId) -> Remembered {
        let remembered = self.cache.look_up(user, session).await;
        let counter = match &remembered {
            Remembered::Known(_) => &self.hits,
            Remembered::Unknown(_) => &self.misses,
            Remembered::Away => &self.away,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        remembered
    }

    async fn remember(&self, ticket: Ticket, session: &Session, user: &User) {
        self.cache.remember(ticket, session, user).await;
    }

    async fn forget(&self, users: &[UserId]) {
        self.cache.forget(users).await;
    }
}
