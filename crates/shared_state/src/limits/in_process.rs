//! Rate limiter with counters in this process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{
    limit::{Decision, LimitCheck, LimiterBackend, LimiterUnavailable, RateLimiter, gcra},
    time::Clock,
};

use super::counters::Counters;

/// Rate limiter with at most `capacity` counters in this process. Removes expired counters. Never fails.
///
/// One lock guards all counters, since a request is counted under all of its keys or under none. The lock is held for
/// well under a microsecond. At full capacity it is held for some milliseconds once in ten thousand new keys.
pub struct InProcessRateLimiter {
    clock: Arc<dyn Clock>,
    counters: Mutex<Counters>,
}

impl InProcessRateLimiter {
    /// Default maximum number of counters: about five megabytes.
    pub const CAPACITY: usize = 100_000;

    /// Creates a limiter with at most `capacity` counters, which reads the time from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, capacity: usize) -> Self {
        Self { clock, counters: Mutex::new(Counters::new(capacity)) }
    }

    /// Returns the current number of counters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().0.len()
    }

    /// True when there are no counters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts a request if every key admits it.
    pub(super) fn count(&self, checks: &[LimitCheck]) -> Vec<Decision> {
        let (mut counters, now) = self.lock();
        let decisions = decide(&counters, checks, now);
        if are_allowed(&decisions) {
            store(&mut counters, checks, now);
        } else {
            correct(&mut counters, checks, now);
        }
        decisions
    }

    /// Returns the decisions for a request without counting it, and false when the number of a counter is impossible.
    pub(super) fn peek(&self, checks: &[LimitCheck]) -> (Vec<Decision>, bool) {
        let (counters, now) = self.lock();
        let is_possible = |check: &LimitCheck| {
            let full_at = counters.full_at(&counters.fingerprint(&check.key));
            gcra::corrected(check.quota, now, full_at).is_none()
        };
        (decide(&counters, checks, now), checks.iter().all(is_possible))
    }

    /// Replaces the counters by those that another limiter has after its decisions.
    pub(super) fn replace(&self, checks: &[LimitCheck], decisions: &[Decision]) {
        let (mut counters, now) = self.lock();
        for (check, decision) in checks.iter().zip(decisions) {
            let key = counters.fingerprint(&check.key);
            let reset_after = i64::try_from(decision.reset_after.as_micros()).unwrap_or(i64::MAX);
            counters.set(now, key, now.saturating_add(reset_after), burst(check));
        }
    }

    /// Counts a request that was admitted elsewhere.
    pub(super) fn record(&self, checks: &[LimitCheck]) {
        let (mut counters, now) = self.lock();
        store(&mut counters, checks, now);
    }

    /// Reverts the counting of a request.
    pub(super) fn remove_request(&self, checks: &[LimitCheck]) {
        let (mut counters, now) = self.lock();
        for check in checks {
            let key = counters.fingerprint(&check.key);
            match gcra::reverse(check.quota, now, counters.full_at(&key)) {
                Some(full_at) => counters.set(now, key, full_at, burst(check)),
                None => counters.remove(&key),
            }
        }
    }

    /// Locks the counters and returns them with the time. It is read after the lock is taken, so no other thread has
    /// stored a number of a later time.
    fn lock(&self) -> (MutexGuard<'_, Counters>, i64) {
        // Every state of the counters is valid, even after a panic while the lock was held.
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        (counters, self.clock.now().timestamp_micros())
    }
}

fn decide(counters: &Counters, checks: &[LimitCheck], now: i64) -> Vec<Decision> {
    let full_at = |check: &LimitCheck| counters.full_at(&counters.fingerprint(&check.key));
    checks.iter().map(|check| gcra::decide(check.quota, now, full_at(check)).0).collect()
}

fn are_allowed(decisions: &[Decision]) -> bool {
    decisions.iter().all(|decision| decision.allowed)
}

/// Lowers the impossible numbers of a rejected request.
fn correct(counters: &mut Counters, checks: &[LimitCheck], now: i64) {
    for check in checks {
        let key = counters.fingerprint(&check.key);
        if let Some(full_at) = gcra::corrected(check.quota, now, counters.full_at(&key)) {
            counters.set(now, key, full_at, burst(check));
        }
    }
}

fn store(counters: &mut Counters, checks: &[LimitCheck], now: i64) {
    for check in checks {
        let key = counters.fingerprint(&check.key);
        let (_, full_at) = gcra::decide(check.quota, now, counters.full_at(&key));
        counters.set(now, key, full_at, burst(check));
    }
}

fn burst(check: &LimitCheck) -> i64 {
    check.quota.interval_micros().saturating_mul(i64::from(check.quota.limit()))
}

#[async_trait]
impl RateLimiter for InProcessRateLimiter {
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable> {
        Ok(self.count(checks))
    }

    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable> {
        self.remove_request(checks);
        Ok(())
    }

    fn backend(&self) -> LimiterBackend {
        LimiterBackend::InProcess
    }
}
