//! Counts requests in this process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{
    limit::{Ask, Decision, LimiterUnavailable, RateLimiter, Standing, gcra},
    time::Clock,
};

use super::bounded::Counters;

/// Counters of this process: at most so many, swept as they fall idle. Never fails.
///
/// One lock guards all of them, since a request is counted under several keys or under none; what is
/// done under it takes well under a microsecond, and some milliseconds once in ten thousand new keys
/// when there are as many as there may be.
pub struct InProcessRateLimiter {
    clock: Arc<dyn Clock>,
    counters: Mutex<Counters>,
}

impl InProcessRateLimiter {
    /// The counters that are kept unless somebody says otherwise: about five megabytes.
    pub const CAPACITY: usize = 100_000;

    /// Counters by that clock, at most so many.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self { clock, counters: Mutex::new(Counters::new(capacity)) }
    }

    /// How many counters are kept now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether no counter is kept now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts a request if every key has room for it.
    pub(super) fn count(&self, asks: &[Ask]) -> Vec<Decision> {
        let now = self.now();
        let mut counters = self.lock();
        let decisions = decide(&counters, asks, now);
        if decisions.iter().all(|decision| decision.allowed) {
            store(&mut counters, asks, now);
        }
        decisions
    }

    /// What would be said to a request; nothing is counted.
    pub(super) fn look(&self, asks: &[Ask]) -> Vec<Decision> {
        decide(&self.lock(), asks, self.now())
    }

    /// Counts a request that was admitted elsewhere.
    pub(super) fn note(&self, asks: &[Ask]) {
        store(&mut self.lock(), asks, self.now());
    }

    /// Takes back a request that was counted.
    pub(super) fn take_back(&self, asks: &[Ask]) {
        let now = self.now();
        let mut counters = self.lock();
        for ask in asks {
            let key = counters.fingerprint(&ask.key);
            match gcra::give_back(ask.quota, now, counters.full_at(&key)) {
                Some(full_at) => counters.set(now, key, full_at, burst(ask)),
                None => counters.remove(&key),
            }
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().timestamp_micros()
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        // Every state of the counters is a good one, whoever fell over while holding them.
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn decide(counters: &Counters, asks: &[Ask], now: i64) -> Vec<Decision> {
    let full_at = |ask: &Ask| counters.full_at(&counters.fingerprint(&ask.key));
    asks.iter().map(|ask| gcra::decide(ask.quota, now, full_at(ask)).0).collect()
}

fn store(counters: &mut Counters, asks: &[Ask], now: i64) {
    for ask in asks {
        let key = counters.fingerprint(&ask.key);
        let (_, full_at) = gcra::decide(ask.quota, now, counters.full_at(&key));
        counters.set(now, key, full_at, burst(ask));
    }
}

fn burst(ask: &Ask) -> i64 {
    ask.quota.interval_micros().saturating_mul(i64::from(ask.quota.limit()))
}

#[async_trait]
impl RateLimiter for InProcessRateLimiter {
    async fn admit(&self, asks: &[Ask]) -> Result<Vec<Decision>, LimiterUnavailable> {
        Ok(self.count(asks))
    }

    async fn give_back(&self, asks: &[Ask]) -> Result<(), LimiterUnavailable> {
        self.take_back(asks);
        Ok(())
    }

    fn standing(&self) -> Standing {
        Standing::InProcess
    }
}
