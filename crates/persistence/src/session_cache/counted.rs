//! Counts what a cache knew.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use domain::{
    account::{User, UserId},
    session::{Session, SessionId},
};

use super::{Remembered, SessionCache, Ticket};

/// How often a cache was asked since the start, and what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheReadings {
    /// It knew.
    pub hits: u64,
    /// It did not know.
    pub misses: u64,
    /// It could not be reached.
    pub away: u64,
}

/// A cache whose answers are counted.
pub struct CountedSessionCache {
    cache: Arc<dyn SessionCache>,
    hits: AtomicU64,
    misses: AtomicU64,
    away: AtomicU64,
}

impl CountedSessionCache {
    /// Counts what that cache says.
    #[must_use]
    pub fn new(cache: Arc<dyn SessionCache>) -> Self {
        Self { cache, hits: AtomicU64::new(0), misses: AtomicU64::new(0), away: AtomicU64::new(0) }
    }

    /// What it said so far.
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
