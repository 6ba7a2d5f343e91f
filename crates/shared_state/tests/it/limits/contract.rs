//! Every rate limiter fulfils the contract of the port.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::limit::RateLimiter;
use shared_state::{FallbackRateLimiter, InProcessRateLimiter, RedisRateLimiter, RedisServer, RedisSettings};
use testkit::{
    contract::limits::Limiters,
    fakes::{FakeRateLimiter, FrozenClock},
    redis,
};
use uuid::Uuid;

/// Counters with a clock of the test.
struct Clocked<L>(Arc<FrozenClock>, Arc<L>);

#[async_trait]
impl<L: RateLimiter + 'static> Limiters for Clocked<L> {
    async fn open(&self) -> Arc<dyn RateLimiter> {
        self.1.clone()
    }

    async fn pass(&self, time: Duration) {
        self.0.advance(chrono::Duration::from_std(time).unwrap());
    }
}

fn clocked<L>(make: impl FnOnce(Arc<FrozenClock>) -> L) -> Clocked<L> {
    let clock = Arc::new(FrozenClock::default());
    Clocked(clock.clone(), Arc::new(make(clock)))
}

pub(super) fn in_process(clock: Arc<FrozenClock>) -> InProcessRateLimiter {
    InProcessRateLimiter::new(clock, InProcessRateLimiter::CAPACITY)
}

/// Counters in the Redis of all tests, under a secret of this test. Each limiter has a
/// connection of its own.
struct InRedis {
    secret: String,
}

#[async_trait]
impl Limiters for InRedis {
    async fn open(&self) -> Arc<dyn RateLimiter> {
        // No fallback here: a busy machine must not look like an error.
        let response_timeout = Duration::from_secs(20);
        let settings =
            RedisSettings { url: redis::shared_url().into(), secret: self.secret.clone().into(), response_timeout };
        Arc::new(RedisRateLimiter::new(RedisServer::watch(&settings).await.unwrap()))
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

async fn fake_limiters() -> Clocked<FakeRateLimiter> {
    clocked(FakeRateLimiter::new)
}

async fn in_process_limiters() -> Clocked<InProcessRateLimiter> {
    clocked(in_process)
}

async fn fallback_limiters() -> Clocked<FallbackRateLimiter> {
    clocked(|clock| FallbackRateLimiter::new(Arc::new(FakeRateLimiter::new(clock.clone())), in_process(clock)))
}

#[expect(clippy::disallowed_methods, reason = "the secret must be new in every process")]
async fn redis_limiters() -> InRedis {
    InRedis { secret: Uuid::now_v7().to_string() }
}

mod fake {
    testkit::limiter_contract!(super::fake_limiters);
}

mod in_process {
    testkit::limiter_contract!(super::in_process_limiters);
}

mod with_fallback {
    testkit::limiter_contract!(super::fallback_limiters);
}

mod in_redis {
    testkit::limiter_contract!(super::redis_limiters);
}
