//! The session cache while Redis is unavailable or has lost its data.

use std::{sync::Arc, time::Duration};

use domain::{
    account::User,
    session::{CacheLookup, CacheTicket, Credential, SessionCache},
};
use shared_state::{CacheReadings, CountedSessionCache, RedisServer, RedisSessionCache, RedisSettings};
use testkit::{redis::PrivateRedis, samples};
use uuid::Uuid;

/// Long, so that a machine that is busy with other tests does not look like an unavailable Redis.
pub(super) const PATIENT: Duration = Duration::from_secs(20);
const MINUTE: Duration = Duration::from_secs(60);

#[expect(clippy::disallowed_methods, reason = "the secret must be new in every process")]
pub(super) fn secret() -> String {
    Uuid::now_v7().to_string()
}

pub(super) async fn server(url: String, secret: &str, response_timeout: Duration) -> Arc<RedisServer> {
    RedisServer::watch(&RedisSettings { url: url.into(), secret: secret.into(), response_timeout }).await.unwrap()
}

async fn ticket(cache: &dyn SessionCache, session: &Credential) -> CacheTicket {
    match cache.look_up(session.user(), session.id()).await {
        CacheLookup::Miss(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn known(cache: &dyn SessionCache, session: &Credential) -> Option<(Credential, User)> {
    match cache.look_up(session.user(), session.id()).await {
        CacheLookup::Hit(found) => Some(*found),
        CacheLookup::Miss(_) | CacheLookup::Unavailable => None,
    }
}

/// Stores an entry, and waits until it can be visible.
async fn store(cache: &dyn SessionCache, ticket: CacheTicket, session: &Credential, user: &User) {
    cache.store(ticket, session, user).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn invalidation_during_an_outage_is_completed_afterwards() {
    let mut private = PrivateRedis::start().await;
    let server = server(private.url(), &secret(), Duration::from_secs(2)).await;
    let (cache, other) = (RedisSessionCache::new(server.clone(), MINUTE), RedisSessionCache::new(server, MINUTE));
    let cache = CountedSessionCache::new(Arc::new(cache));
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    let early = ticket(&cache, &session).await;
    store(&cache, early, &session, &user).await;

    private.freeze();
    assert!(matches!(cache.look_up(user.id, session.id()).await, CacheLookup::Unavailable));
    assert_eq!(cache.readings(), CacheReadings { hits: 0, misses: 1, unavailable: 1 });
    // The entry to be invalidated now still exists when Redis continues.
    cache.invalidate(&[user.id]).await;
    store(&cache, early, &session, &user).await;
    private.thaw();
    let mut is_invalidated = false;
    for _ in 0..200 {
        // Never returned to the replica that invalidated it, and soon not to the other one either.
        assert_eq!(known(&cache, &session).await, None);
        is_invalidated = matches!(other.look_up(user.id, session.id()).await, CacheLookup::Miss(_))
            && matches!(cache.look_up(user.id, session.id()).await, CacheLookup::Miss(_));
        if is_invalidated {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_invalidated, "within ten seconds");
    private.kill();
}

#[tokio::test]
async fn flushed_redis_restores_no_outdated_entry() {
    let private = PrivateRedis::start().await;
    let cache = RedisSessionCache::new(server(private.url(), &secret(), PATIENT).await, MINUTE);
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    let early = ticket(&cache, &session).await;
    cache.invalidate(&[user.id]).await;
    private.flush();
    store(&cache, early, &session, &user).await;
    assert_eq!(known(&cache, &session).await, None, "the read was overtaken, and the record of it is lost");
}

/// A command of the operator ends right after its change, and no task of its process goes on.
#[tokio::test]
async fn waiting_cache_repeats_an_invalidation_before_it_returns() {
    let mut private = PrivateRedis::start().await;
    let (secret, short) = (secret(), Duration::from_millis(500));
    let other = RedisSessionCache::new(server(private.url(), &secret, PATIENT).await, MINUTE);
    let command = RedisSessionCache::new(server(private.url(), &secret, short).await, MINUTE);
    let command = command.waiting_for(Duration::from_secs(30));
    let user = samples::user();
    let session = Credential::Session(samples::session(user.id));
    let early = ticket(&other, &session).await;
    store(&other, early, &session, &user).await;
    assert!(known(&other, &session).await.is_some());
    private.freeze();
    let users = [user.id];
    let invalidation = command.invalidate(&users);
    tokio::pin!(invalidation);
    assert!(tokio::time::timeout(Duration::from_millis(1_500), &mut invalidation).await.is_err(), "it is repeated");
    private.thaw();
    invalidation.await;
    assert_eq!(known(&other, &session).await, None);
    private.kill();
}
