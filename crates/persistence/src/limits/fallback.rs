//! Counts where every replica counts, and in this process while that is away.

use std::sync::Arc;

use async_trait::async_trait;
use domain::limit::{Ask, Decision, LimiterUnavailable, RateLimiter, Standing};

use super::InProcessRateLimiter;

/// Never fails: while the shared counters are away the ones of this process decide.
///
/// What the shared counters admit through this process is noted here too. So nobody's allowance is new
/// when they go away, or come back empty: this process never admits more than the limit itself.
pub struct FallbackRateLimiter {
    shared: Arc<dyn RateLimiter>,
    local: InProcessRateLimiter,
}

impl FallbackRateLimiter {
    /// Counts in `shared`, and in `local` while that is away.
    #[must_use]
    pub fn new(shared: Arc<dyn RateLimiter>, local: InProcessRateLimiter) -> Self {
        Self { shared, local }
    }
}

#[async_trait]
impl RateLimiter for FallbackRateLimiter {
    async fn admit(&self, asks: &[Ask]) -> Result<Vec<Decision>, LimiterUnavailable> {
        // The whole limit has passed through this process alone: no need to ask the others.
        let seen = self.local.look(asks);
        if seen.iter().any(|decision| !decision.allowed) {
            return Ok(seen);
        }
        // Why it cannot be reached is told once, by what found it away, not at each request.
        let Ok(decisions) = self.shared.admit(asks).await else { return Ok(self.local.count(asks)) };
        if decisions.iter().all(|decision| decision.allowed) {
            self.local.note(asks);
        }
        Ok(decisions)
    }

    async fn give_back(&self, asks: &[Ask]) -> Result<(), LimiterUnavailable> {
        self.local.take_back(asks);
        // Counters that are unavailable keep the request. The ones of this process decide then.
        self.shared.give_back(asks).await.ok();
        Ok(())
    }

    fn standing(&self) -> Standing {
        self.shared.standing()
    }
}
