//! Bounds of the session cache in the process, and its counters.

use std::{sync::Arc, time::Duration};

use domain::session::{CacheLookup, CacheTicket, Session, SessionCache};
use shared_state::{CacheReadings, CountedSessionCache, InProcessSessionCache};
use testkit::samples;

async fn ticket(cache: &dyn SessionCache, session: &Session) -> CacheTicket {
    match cache.look_up(session.user, session.id).await {
        CacheLookup::Miss(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn size_of_the_entries_is_bounded() {
    let capacity = 1024 * 1024;
    let cache = InProcessSessionCache::new(Duration::from_secs(60), capacity);
    for _ in 0..20_000 {
        let user = samples::user();
        let session = samples::session(user.id);
        cache.store(ticket(&cache, &session).await, &session, &user).await;
    }
    let weighed = cache.weighed();
    assert!((capacity / 2..=capacity).contains(&weighed), "{weighed}");
}

#[tokio::test]
async fn look_ups_are_counted_by_result() {
    let cache = InProcessSessionCache::new(Duration::from_secs(60), InProcessSessionCache::CAPACITY);
    let cache = CountedSessionCache::new(Arc::new(cache));
    let user = samples::user();
    let session = samples::session(user.id);
    cache.store(ticket(&cache, &session).await, &session, &user).await;
    for _ in 0..2 {
        assert!(matches!(cache.look_up(user.id, session.id).await, CacheLookup::Hit(_)));
    }
    assert_eq!(cache.readings(), CacheReadings { hits: 2, misses: 1, unavailable: 0 });
}
