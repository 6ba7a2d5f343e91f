//! Metrics of rate limits.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use domain::limit::{Decision, LimitCheck, LimiterBackend, LimiterUnavailable, RateLimiter};
use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};

use super::registry::write;

type Outcome = [(&'static str, &'static str); 2];

/// Rate limiter that counts its decisions.
pub(crate) struct CountedRateLimiter {
    limiter: Arc<dyn RateLimiter>,
    decisions: Family<Outcome, Counter>,
}

impl CountedRateLimiter {
    pub(crate) fn register(limiter: Arc<dyn RateLimiter>, registry: &mut Registry) -> Self {
        let decisions = Family::default();
        registry.register("rate_limit_decisions", "Decisions of the rate limits", decisions.clone());
        registry.register_collector(Box::new(RedisUp(Arc::downgrade(&limiter))));
        Self { limiter, decisions }
    }
}

#[async_trait]
impl RateLimiter for CountedRateLimiter {
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable> {
        let decisions = self.limiter.admit(checks).await?;
        for (check, decision) in checks.iter().zip(&decisions) {
            let outcome = if decision.allowed { "allowed" } else { "rejected" };
            self.decisions.get_or_create(&[("counter", check.key.counter), ("outcome", outcome)]).inc();
        }
        Ok(decisions)
    }

    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable> {
        self.limiter.reverse(checks).await
    }

    fn backend(&self) -> LimiterBackend {
        self.limiter.backend()
    }
}

/// Collector of the availability of Redis. It has no value when no Redis is set.
struct RedisUp(Weak<dyn RateLimiter>);

impl fmt::Debug for RedisUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RedisUp")
    }
}

impl Collector for RedisUp {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let up = match self.0.upgrade().map(|limiter| limiter.backend()) {
            None | Some(LimiterBackend::InProcess) => None,
            Some(LimiterBackend::Shared) => Some(1),
            Some(LimiterBackend::SharedUnavailable) => Some(0),
        };
        let no_labels: [(&str, &str); 0] = [];
        let values = up.into_iter().map(|up: u32| (no_labels, ConstGauge::new(up)));
        write(&mut encoder, "redis_up", "1 when Redis is available, 0 when it is not.", values)
    }
}
