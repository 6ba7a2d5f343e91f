//! Fallback while Redis is unavailable.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    account::Email,
    limit::{Key, LimitCheck, LimiterBackend, Quota, RateLimiter, Subject},
};
use shared_state::{FallbackRateLimiter, RedisRateLimiter, RedisServer, RedisSettings, RedisStartError};
use testkit::{
    fakes::{FakeRateLimiter, FrozenClock},
    redis::PrivateRedis,
};

use super::contract::in_process;

/// Long, so that a busy machine does not look like an unavailable Redis.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn check(address: &str) -> LimitCheck {
    let subject = Subject::Account(Email::parse(address).unwrap());
    let quota = Quota::new(NonZeroU32::new(5).unwrap(), Duration::from_secs(3600));
    LimitCheck { key: Key { counter: "mail", subject }, quota }
}

pub(super) async fn admitted(limiter: &dyn RateLimiter, check: &LimitCheck, times: usize) -> usize {
    let mut admitted = 0;
    for _ in 0..times {
        admitted += usize::from(limiter.admit(std::slice::from_ref(check)).await.unwrap()[0].allowed);
    }
    admitted
}

pub(super) async fn over(url: String, response_timeout: Duration) -> (Arc<RedisServer>, FallbackRateLimiter) {
    let settings = RedisSettings { url: url.into(), secret: "a secret of all replicas".into(), response_timeout };
    let server = RedisServer::watch(&settings).await.unwrap();
    let shared = Arc::new(RedisRateLimiter::new(Arc::clone(&server)));
    (server, FallbackRateLimiter::new(shared, in_process(Arc::new(FrozenClock::default()))))
}

pub(super) async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing changed within 30 seconds");
}

#[tokio::test]
async fn requests_before_a_redis_outage_are_still_counted() {
    let clock = Arc::new(FrozenClock::default());
    let shared = Arc::new(FakeRateLimiter::new(clock.clone()));
    let limiter = FallbackRateLimiter::new(shared.clone(), in_process(clock));
    let check = check("olena@example.com");
    assert_eq!(admitted(&limiter, &check, 3).await, 3);
    shared.set_unavailable(true);
    assert_eq!((admitted(&limiter, &check, 9).await, limiter.backend()), (2, LimiterBackend::SharedUnavailable));
    shared.flush();
    shared.set_unavailable(false);
    assert_eq!(
        (admitted(&limiter, &check, 9).await, limiter.backend()),
        (0, LimiterBackend::Shared),
        "though Redis came back empty"
    );
}

#[tokio::test]
async fn rejections_by_shared_counters_are_not_counted_locally() {
    let clock = Arc::new(FrozenClock::default());
    let shared = Arc::new(FakeRateLimiter::new(clock.clone()));
    let replicas = [0, 1].map(|_| FallbackRateLimiter::new(shared.clone(), in_process(clock.clone())));
    let check = check("olena@example.com");
    assert_eq!(admitted(&replicas[0], &check, 5).await, 5);
    assert_eq!(admitted(&replicas[1], &check, 9).await, 0);
    clock.advance(chrono::Duration::minutes(12));
    assert_eq!(admitted(&replicas[1], &check, 9).await, 1, "rejections were not counted");
}

#[tokio::test]
async fn retry_after_is_sufficient_after_a_clock_was_set_back() {
    for is_unavailable in [false, true] {
        let clock = Arc::new(FrozenClock::default());
        let shared = Arc::new(FakeRateLimiter::new(clock.clone()));
        let limiter = FallbackRateLimiter::new(shared.clone(), in_process(clock.clone()));
        let check = check("olena@example.com");
        assert_eq!(admitted(&limiter, &check, 9).await, 5);
        shared.set_unavailable(is_unavailable);
        clock.advance(chrono::Duration::days(-1));
        let rejected = limiter.admit(std::slice::from_ref(&check)).await.unwrap()[0];
        assert!(!rejected.allowed && rejected.retry_after <= Duration::from_secs(720), "{rejected:?}");
        clock.advance(chrono::Duration::from_std(rejected.retry_after).unwrap());
        assert_eq!(admitted(&limiter, &check, 9).await, 1, "unavailable: {is_unavailable}");
    }
}

/// Its counters prove no longer that this process has admitted the whole limit.
#[tokio::test]
async fn shared_counters_decide_after_the_clock_of_the_process_was_set_back() {
    let [here, there] = [0, 1].map(|_| Arc::new(FrozenClock::default()));
    let limiter = FallbackRateLimiter::new(Arc::new(FakeRateLimiter::new(there.clone())), in_process(here.clone()));
    let check = check("olena@example.com");
    assert_eq!(admitted(&limiter, &check, 9).await, 5);
    here.advance(chrono::Duration::days(-1));
    there.advance(chrono::Duration::hours(1));
    assert_eq!(admitted(&limiter, &check, 9).await, 5, "the counters of this process are replaced");
}

#[tokio::test]
async fn shared_retry_after_is_sufficient_after_the_clock_of_the_process_was_set_back() {
    let clocks = [0, 1].map(|_| Arc::new(FrozenClock::default()));
    let shared = Arc::new(FakeRateLimiter::new(clocks[1].clone()));
    let limiter = FallbackRateLimiter::new(shared.clone(), in_process(clocks[0].clone()));
    let check = check("olena@example.com");
    assert_eq!(admitted(&limiter, &check, 9).await, 5);
    clocks[0].advance(chrono::Duration::days(-1));
    clocks[1].advance(chrono::Duration::minutes(5));
    let rejected = limiter.admit(std::slice::from_ref(&check)).await.unwrap()[0];
    assert_eq!((rejected.allowed, rejected.retry_after), (false, Duration::from_secs(420)));
    for clock in &clocks {
        clock.advance(chrono::Duration::from_std(rejected.retry_after).unwrap());
    }
    assert_eq!(admitted(&limiter, &check, 9).await, 1);
    shared.flush();
    assert_eq!(admitted(&limiter, &check, 9).await, 0, "what the shared counters had is counted here, too");
}

#[tokio::test]
async fn limits_hold_while_redis_restarts() {
    let mut redis = PrivateRedis::start().await;
    let (server, limiter) = over(redis.url(), PATIENCE).await;
    let check = check("olena@example.com");
    assert!(server.is_up());
    assert_eq!(admitted(&limiter, &check, 3).await, 3);
    redis.kill();
    assert_eq!(admitted(&limiter, &check, 9).await, 2);
    assert_eq!(limiter.backend(), LimiterBackend::SharedUnavailable);
    redis.resume().await;
    until(|| server.is_up()).await;
    assert_eq!(admitted(&limiter, &check, 9).await, 0, "it came back empty");
    assert_eq!(admitted(&limiter, &self::check("petro@example.com"), 9).await, 5);
    assert_eq!(limiter.backend(), LimiterBackend::Shared);
}

#[tokio::test]
async fn limits_work_when_redis_is_unavailable_at_start() {
    let mut redis = PrivateRedis::not_running();
    let (server, limiter) = over(redis.url(), PATIENCE).await;
    assert_eq!(limiter.backend(), LimiterBackend::SharedUnavailable);
    assert_eq!(admitted(&limiter, &check("olena@example.com"), 9).await, 5);
    redis.resume().await;
    until(|| server.is_up()).await;
}

#[tokio::test]
async fn hanging_redis_is_waited_for_once() {
    let redis = PrivateRedis::start().await;
    let (server, limiter) = over(redis.url(), Duration::from_millis(100)).await;
    redis.freeze();
    let started = Instant::now();
    assert_eq!(admitted(&limiter, &check("olena@example.com"), 1000).await, 5);
    // At a tenth of a second each, they would take a hundred seconds.
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    assert!(!server.is_up());
    redis.thaw();
    until(|| server.is_up()).await;
}

#[tokio::test]
async fn flushed_redis_does_not_reset_the_limit() {
    let redis = PrivateRedis::start().await;
    let (server, limiter) = over(redis.url(), PATIENCE).await;
    let check = check("olena@example.com");
    assert_eq!(admitted(&limiter, &check, 3).await, 3);
    redis.flush();
    assert_eq!(admitted(&limiter, &check, 9).await, 2);
    assert!(server.is_up());
}

#[tokio::test]
async fn redis_keys_contain_no_personal_data() {
    let redis = PrivateRedis::start().await;
    let (_, limiter) = over(redis.url(), PATIENCE).await;
    assert_eq!(admitted(&limiter, &check("olena@example.com"), 1).await, 1);
    let keys = redis.keys();
    assert!(keys.contains("contacts:limit:mail:"), "{keys}");
    assert!(!keys.contains("olena") && !keys.contains("example"), "{keys}");
}

#[tokio::test]
async fn invalid_redis_url_is_rejected() {
    for url in [
        "",
        "localhost",
        "http://localhost",
        "redis://",
        "redis://localhost:port",
        "unix:///tmp/redis.sock",
        "rediss://localhost/#insecure",
    ] {
        let settings = RedisSettings { url: url.into(), secret: "a secret".into(), response_timeout: PATIENCE };
        let error = RedisServer::watch(&settings).await.unwrap_err();
        assert!(matches!(error, RedisStartError::Url), "{url}");
    }
}
