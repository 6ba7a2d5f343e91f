//! Bounds of the session cache in the process, and its counters.

use std::{num::NonZeroU64, sync::Arc, time::Duration};

use domain::{
    account::{Locale, User},
    session::{CacheLookup, CacheTicket, Credential, SessionCache, WatchedSessionCache as _},
};
use shared_state::{CacheReadings, CountedSessionCache, InProcessSessionCache};
use testkit::{samples, session_cache::FakeSessionCache};

async fn ticket(cache: &dyn SessionCache, session: &Credential) -> CacheTicket {
    match cache.look_up(session.user(), session.id()).await {
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
        let session = Credential::Session(samples::session(user.id));
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
    let session = Credential::Session(samples::session(user.id));
    cache.store(ticket(&cache, &session).await, &session, &user).await;
    for _ in 0..2 {
        assert!(matches!(cache.look_up(user.id, session.id()).await, CacheLookup::Hit(_)));
    }
    assert_eq!(cache.readings(), CacheReadings { hits: 2, misses: 1, unavailable: 0 });
}

#[tokio::test]
async fn watched_entries_are_returned_while_their_watch_is_confirmed() {
    let [first, second] = [1, 2].map(|number| NonZeroU64::new(number).unwrap());
    let cache = InProcessSessionCache::new(Duration::from_secs(60), InProcessSessionCache::CAPACITY);
    let cache = cache.with_watch(Duration::ZERO);
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    let is_hit = async || matches!(cache.look_up(user.id, session.id()).await, CacheLookup::Hit(_));

    let unwatched = ticket(&cache, &session).await;
    cache.confirm(first);
    cache.store(unwatched, &session, &user).await;
    assert!(!is_hit().await, "read before the watch");
    cache.store(ticket(&cache, &session).await, &session, &user).await;
    cache.confirm(first);
    assert!(is_hit().await);
    cache.confirm(second);
    assert!(!is_hit().await, "between two watches");

    cache.store(ticket(&cache, &session).await, &session, &user).await;
    cache.invalidate(&[user.id]).await;
    cache.confirm(second);
    assert!(!is_hit().await, "changed by another process");
    cache.store(ticket(&cache, &session).await, &session, &user).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert!(!is_hit().await, "not confirmed for a second");
    cache.confirm(second);
    assert!(is_hit().await, "the same watch");
}

#[tokio::test]
async fn unwatched_entries_are_returned_for_a_moment() {
    let cache = InProcessSessionCache::new(Duration::from_secs(60), InProcessSessionCache::CAPACITY);
    let cache = cache.with_watch(Duration::from_secs(60));
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    cache.store(ticket(&cache, &session).await, &session, &user).await;
    assert!(matches!(cache.look_up(user.id, session.id()).await, CacheLookup::Hit(_)));
}

/// A commit is visible before its invalidation. So of two entries that differ, either may be outdated.
#[tokio::test]
async fn reader_overtaken_by_an_invalidation_prevents_that_different_data_is_found() {
    let in_process = InProcessSessionCache::new(Duration::from_secs(60), InProcessSessionCache::CAPACITY);
    let fake = FakeSessionCache::new(Arc::default(), Duration::from_secs(60));
    for cache in [&in_process as &dyn SessionCache, &fake] {
        let before = samples::user();
        let after = User { locale: Locale::Uk, ..before.clone() };
        let session = Credential::Session(samples::session(before.id));
        let found = async || match cache.look_up(before.id, session.id()).await {
            CacheLookup::Hit(found) => Some(found.1),
            _ => None,
        };
        let early = ticket(cache, &session).await;
        cache.invalidate(&[before.id]).await;
        let late = ticket(cache, &session).await;
        cache.store(early, &session, &after).await;
        assert_eq!(found().await, None, "its ticket is older than the invalidation");
        cache.store(late, &session, &before).await;
        assert_eq!(found().await, None, "an older entry after a newer one");

        let early = ticket(cache, &session).await;
        cache.store(early, &session, &before).await;
        assert_eq!(found().await, Some(before.clone()));
        cache.store(late, &session, &after).await;
        assert_eq!(found().await, None, "a newer entry with an older ticket");

        cache.store(early, &session, &after).await;
        assert_eq!(found().await, None);
        cache.store(ticket(cache, &session).await, &session, &after).await;
        cache.store(early, &session, &after).await;
        assert_eq!(found().await, Some(after.clone()), "the same data with an older ticket changes nothing");
    }
}
