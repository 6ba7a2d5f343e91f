//! Every session cache fulfils the contract of the port.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::session::SessionCache;
use shared_state::{CountedSessionCache, InProcessSessionCache, RedisSessionCache};
use testkit::{contract::session_cache::SessionCaches, fakes::FrozenClock, redis, session_cache::FakeSessionCache};

use super::redis::{PATIENT, secret, server};

#[derive(Default)]
struct Fakes(Arc<FrozenClock>);

#[async_trait]
impl SessionCaches for Fakes {
    async fn open(&self, lifetime: Duration) -> [Arc<dyn SessionCache>; 2] {
        let cache = Arc::new(FakeSessionCache::new(Arc::clone(&self.0), lifetime));
        [cache.clone(), cache]
    }

    async fn pass(&self, time: Duration) {
        self.0.advance(chrono::Duration::from_std(time).unwrap());
    }
}

#[derive(Default)]
struct InProcess;

#[async_trait]
impl SessionCaches for InProcess {
    async fn open(&self, lifetime: Duration) -> [Arc<dyn SessionCache>; 2] {
        let cache = Arc::new(InProcessSessionCache::new(lifetime, InProcessSessionCache::CAPACITY));
        [cache.clone(), cache]
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Two caches over connections of their own, in the Redis that all tests share, under a secret of this test.
#[derive(Default)]
struct InRedis;

#[async_trait]
impl SessionCaches for InRedis {
    async fn open(&self, lifetime: Duration) -> [Arc<dyn SessionCache>; 2] {
        let secret = secret();
        let cache = async || {
            let server = server(redis::shared_url(), &secret, PATIENT).await;
            Arc::new(RedisSessionCache::new(server, lifetime))
        };
        [cache().await, cache().await]
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Any caches, with counters.
#[derive(Default)]
struct Counted<C>(C);

#[async_trait]
impl<C: SessionCaches> SessionCaches for Counted<C> {
    async fn open(&self, lifetime: Duration) -> [Arc<dyn SessionCache>; 2] {
        self.0.open(lifetime).await.map(|cache| -> Arc<dyn SessionCache> { Arc::new(CountedSessionCache::new(cache)) })
    }

    async fn pass(&self, time: Duration) {
        self.0.pass(time).await;
    }
}

mod fake {
    testkit::session_cache_contract!(super::Fakes::default);
}

mod in_process {
    testkit::session_cache_contract!(super::InProcess::default);
}

mod in_redis {
    testkit::session_cache_contract!(super::InRedis::default);
}

mod counted {
    testkit::session_cache_contract!(super::Counted::<super::Fakes>::default);
}
