//! Rate limiter with counters in a map.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{
    limit::{Decision, Key, LimitCheck, LimiterBackend, LimiterUnavailable, RateLimiter, gcra},
    time::Clock as _,
};

use super::FrozenClock;

/// Rate limiter with counters in a map.
pub struct FakeRateLimiter {
    clock: Arc<FrozenClock>,
    full_at: Mutex<HashMap<Key, i64>>,
    unavailable: Mutex<bool>,
}

impl FakeRateLimiter {
    /// Creates a limiter that reads the time from that clock.
    #[must_use]
    pub fn new(clock: Arc<FrozenClock>) -> Self {
        Self { clock, full_at: Mutex::default(), unavailable: Mutex::new(false) }
    }

    /// Makes the counters unavailable, or available again.
    pub fn set_unavailable(&self, unavailable: bool) {
        *self.unavailable.lock().unwrap() = unavailable;
    }

    /// Removes all counters.
    pub fn flush(&self) {
        self.full_at.lock().unwrap().clear();
    }
}

#[async_trait]
impl RateLimiter for FakeRateLimiter {
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable> {
        if *self.unavailable.lock().unwrap() {
            return Err(LimiterUnavailable("unavailable".into()));
        }
        let now = self.clock.now().timestamp_micros();
        let mut full_at = self.full_at.lock().unwrap();
        let decided: Vec<_> =
            checks.iter().map(|check| gcra::decide(check.quota, now, full_at.get(&check.key).copied())).collect();
        if decided.iter().all(|(decision, _)| decision.allowed) {
            full_at.extend(checks.iter().zip(&decided).map(|(check, (_, next))| (check.key.clone(), *next)));
        } else {
            for check in checks {
                if let Some(corrected) = gcra::corrected(check.quota, now, full_at.get(&check.key).copied()) {
                    full_at.insert(check.key.clone(), corrected);
                }
            }
        }
        Ok(decided.into_iter().map(|(decision, _)| decision).collect())
    }

    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable> {
        if *self.unavailable.lock().unwrap() {
            return Err(LimiterUnavailable("unavailable".into()));
        }
        let now = self.clock.now().timestamp_micros();
        let mut full_at = self.full_at.lock().unwrap();
        for check in checks {
            match gcra::reverse(check.quota, now, full_at.get(&check.key).copied()) {
                Some(earlier) => full_at.insert(check.key.clone(), earlier),
                None => full_at.remove(&check.key),
            };
        }
        Ok(())
    }

    fn backend(&self) -> LimiterBackend {
        if *self.unavailable.lock().unwrap() { LimiterBackend::SharedUnavailable } else { LimiterBackend::Shared }
    }
}
