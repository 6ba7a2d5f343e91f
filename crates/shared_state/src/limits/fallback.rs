//! Rate limiter with shared counters, and with counters of this process while those are unavailable.

use std::sync::Arc;

use async_trait::async_trait;
use domain::limit::{Decision, LimitCheck, LimiterBackend, LimiterUnavailable, RateLimiter};

use super::InProcessRateLimiter;

/// Rate limiter that never fails: the counters of this process decide while the shared counters are unavailable.
///
/// Requests that the shared counters admit through this process are also counted here. So no client gets a full
/// quota when the shared counters become unavailable or lose their data. Only requests in flight at that moment may
/// exceed the limit of this process.
pub struct FallbackRateLimiter {
    shared: Arc<dyn RateLimiter>,
    local: InProcessRateLimiter,
}

impl FallbackRateLimiter {
    /// Creates a limiter that counts in `shared`, and in `local` while `shared` is unavailable.
    #[must_use]
    pub fn new(shared: Arc<dyn RateLimiter>, local: InProcessRateLimiter) -> Self {
        Self { shared, local }
    }
}

#[async_trait]
impl RateLimiter for FallbackRateLimiter {
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable> {
        // This process alone has admitted the whole limit: the shared counters need not be queried. An impossible number
        // does not prove that.
        let (seen, is_possible) = self.local.peek(checks);
        if is_possible && seen.iter().any(|decision| !decision.allowed) {
            return Ok(seen);
        }
        // `RedisServer` logs the cause once, when it detects the failure; it is not logged for each request.
        let Ok(decisions) = self.shared.admit(checks).await else { return Ok(self.local.count(checks)) };
        if !is_possible {
            self.local.replace(checks, &decisions);
        } else if decisions.iter().all(|decision| decision.allowed) {
            self.local.record(checks);
        }
        Ok(decisions)
    }

    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable> {
        self.local.remove_request(checks);
        // Unavailable shared counters still contain the request. The counters of this process decide until they are
        // back.
        self.shared.reverse(checks).await.ok();
        Ok(())
    }

    fn backend(&self) -> LimiterBackend {
        self.shared.backend()
    }
}
