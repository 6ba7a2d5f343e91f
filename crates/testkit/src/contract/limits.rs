//! Contract suite of rate limiters.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    ids::UserId,
    limit::{Decision, Key, LimitCheck, Quota, RateLimiter, Subject},
};

use crate::samples;

/// Counters under test.
#[async_trait]
pub trait Limiters: Send + Sync {
    /// Opens a limiter on the same counters. Several can be open at once, like those of several replicas.
    async fn open(&self) -> Arc<dyn RateLimiter>;

    /// Advances the time.
    async fn pass(&self, time: Duration);
}

const HOUR: Duration = Duration::from_secs(3600);

/// Returns a limit check for a new user.
fn check(limit: u32, window: Duration) -> LimitCheck {
    let key = Key { counter: "contract", subject: Subject::User(UserId(samples::id())) };
    LimitCheck { key, quota: Quota::new(NonZeroU32::new(limit).unwrap(), window) }
}

async fn admit_all(limiter: &dyn RateLimiter, checks: &[LimitCheck]) -> Vec<Decision> {
    limiter.admit(checks).await.unwrap()
}

async fn admit(limiter: &dyn RateLimiter, check: &LimitCheck) -> Decision {
    admit_all(limiter, std::slice::from_ref(check)).await[0]
}

async fn admitted_of_many(limiters: &dyn Limiters, times: usize, checks: impl Fn(usize) -> Vec<LimitCheck>) -> usize {
    let replicas = [limiters.open().await, limiters.open().await];
    let tasks: Vec<_> = (0..times)
        .map(|number| {
            let (limiter, checks) = (Arc::clone(&replicas[number % 2]), checks(number));
            tokio::spawn(async move { admit_all(&*limiter, &checks).await.iter().all(|decision| decision.allowed) })
        })
        .collect();
    let mut admitted = 0;
    for task in tasks {
        admitted += usize::from(task.await.unwrap());
    }
    admitted
}

pub async fn new_key_has_the_full_quota(limiters: &dyn Limiters) {
    let (limiter, check) = (limiters.open().await, check(3, HOUR));
    for remaining in [2, 1, 0] {
        let decision = admit(&*limiter, &check).await;
        assert!(decision.allowed && decision.remaining == remaining, "{decision:?}");
        assert_eq!(decision.retry_after, Duration::ZERO);
        assert!(decision.reset_after <= HOUR && decision.reset_after > HOUR / 4, "{decision:?}");
    }
    for _ in 0..3 {
        let rejected = admit(&*limiter, &check).await;
        assert!(!rejected.allowed && rejected.remaining == 0, "{rejected:?}");
        assert!(rejected.retry_after > HOUR / 4 && rejected.retry_after <= HOUR / 3, "{rejected:?}");
        assert!(rejected.reset_after > HOUR / 2 && rejected.reset_after <= HOUR, "{rejected:?}");
    }
}

pub async fn concurrent_requests_admit_exactly_the_limit(limiters: &dyn Limiters) {
    let check = check(20, HOUR);
    assert_eq!(admitted_of_many(limiters, 60, |_| vec![check.clone()]).await, 20);
}

pub async fn concurrent_requests_under_several_keys_admit_exactly_the_limit(limiters: &dyn Limiters) {
    let (together, apart) = (check(12, HOUR), [check(5, HOUR), check(4, HOUR), check(50, HOUR)]);
    let admitted = admitted_of_many(limiters, 60, |number| vec![apart[number % 3].clone(), together.clone()]).await;
    assert_eq!(admitted, 12);
}

pub async fn keys_are_counted_separately(limiters: &dyn Limiters) {
    let (limiter, exhausted) = (limiters.open().await, check(1, HOUR));
    assert!(admit(&*limiter, &exhausted).await.allowed);
    assert!(!admit(&*limiter, &exhausted).await.allowed);
    assert!(admit(&*limiter, &check(1, HOUR)).await.allowed);
    let elsewhere = LimitCheck { key: Key { counter: "another", ..exhausted.key.clone() }, ..exhausted };
    assert!(admit(&*limiter, &elsewhere).await.allowed);
}

pub async fn rejected_request_is_not_counted(limiters: &dyn Limiters) {
    let (limiter, exhausted, fresh) = (limiters.open().await, check(1, HOUR), check(2, HOUR));
    assert!(admit(&*limiter, &exhausted).await.allowed);
    for checks in [[exhausted.clone(), fresh.clone()], [fresh.clone(), exhausted.clone()]] {
        let decisions = admit_all(&*limiter, &checks).await;
        let allowed: Vec<bool> = decisions.iter().map(|decision| decision.allowed).collect();
        assert_eq!(allowed, checks.map(|check| check == fresh), "one decision for each check, in order");
    }
    assert_eq!(admit(&*limiter, &fresh).await.remaining, 1, "the rejected request was not counted");
}

pub async fn retry_after_of_a_rejection_is_sufficient(limiters: &dyn Limiters) {
    let (limiter, check) = (limiters.open().await, check(2, Duration::from_secs(8)));
    assert!(admit(&*limiter, &check).await.allowed && admit(&*limiter, &check).await.allowed);
    let rejected = admit(&*limiter, &check).await;
    assert!(!rejected.allowed && rejected.retry_after <= Duration::from_secs(4), "{rejected:?}");
    limiters.pass(rejected.retry_after).await;
    assert!(admit(&*limiter, &check).await.allowed);
}

/// The number that the key has stored is impossible with the other quota, as it is after a clock was set back.
pub async fn used_up_key_is_available_again_under_a_faster_quota(limiters: &dyn Limiters) {
    let (limiter, slow, fresh) = (limiters.open().await, check(4, HOUR), check(3, HOUR));
    for _ in 0..4 {
        assert!(admit(&*limiter, &slow).await.allowed);
    }
    let faster = LimitCheck { quota: check(4, Duration::from_secs(4)).quota, ..slow };
    let both = [faster, fresh];
    let rejected = admit_all(&*limiter, &both).await;
    assert!(!rejected[0].allowed && rejected[0].retry_after <= Duration::from_secs(1), "{rejected:?}");
    limiters.pass(rejected[0].retry_after).await;
    let admitted = admit_all(&*limiter, &both).await;
    assert!(admitted[0].allowed, "{admitted:?}");
    assert_eq!(admitted[1].remaining, 2, "the rejected request was not counted");
}

pub async fn full_window_restores_the_quota(limiters: &dyn Limiters) {
    let (limiter, check) = (limiters.open().await, check(2, Duration::from_secs(4)));
    for _ in 0..2 {
        assert!(admit(&*limiter, &check).await.allowed);
        assert_eq!(admit(&*limiter, &check).await.remaining, 0);
        limiters.pass(Duration::from_secs(4)).await;
    }
}

pub async fn returned_request_can_be_used_again(limiters: &dyn Limiters) {
    let (limiter, other) = (limiters.open().await, limiters.open().await);
    let (first, second) = (check(2, HOUR), check(3, HOUR));
    let both = [first.clone(), second.clone()];
    for _ in 0..9 {
        assert!(admit_all(&*limiter, &both).await.iter().all(|decision| decision.allowed));
        other.reverse(&both).await.unwrap();
    }
    assert!(admit(&*limiter, &first).await.allowed && admit(&*limiter, &first).await.allowed);
    assert!(!admit(&*limiter, &first).await.allowed);
    limiter.reverse(std::slice::from_ref(&first)).await.unwrap();
    assert_eq!(admit(&*limiter, &first).await.remaining, 0);
    assert_eq!(admit(&*limiter, &second).await.remaining, 2, "the counter of the other key is unchanged");
}

pub async fn returned_requests_never_exceed_the_quota(limiters: &dyn Limiters) {
    let (limiter, check) = (limiters.open().await, check(2, HOUR));
    limiter.reverse(std::slice::from_ref(&check)).await.unwrap();
    assert_eq!(admit(&*limiter, &check).await.remaining, 1);
    for _ in 0..5 {
        limiter.reverse(std::slice::from_ref(&check)).await.unwrap();
    }
    assert_eq!(admit(&*limiter, &check).await.remaining, 1);
    assert_eq!(admit(&*limiter, &check).await.remaining, 0);
    assert!(!admit(&*limiter, &check).await.allowed);
}

pub async fn concurrent_returns_are_all_counted(limiters: &dyn Limiters) {
    let check = check(60, HOUR);
    let replicas = [limiters.open().await, limiters.open().await];
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let (limiter, check) = (Arc::clone(&replicas[number % 2]), check.clone());
            tokio::spawn(async move {
                assert!(admit(&*limiter, &check).await.allowed);
                limiter.reverse(&[check]).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(admit(&*replicas[0], &check).await.remaining, 59);
}

/// Defines one test for each case, for one kind of counters.
#[macro_export]
macro_rules! limiter_contract {
    ($limiters:path) => {
        $crate::limiter_contract!($limiters: new_key_has_the_full_quota, concurrent_requests_admit_exactly_the_limit,
            concurrent_requests_under_several_keys_admit_exactly_the_limit, keys_are_counted_separately,
            rejected_request_is_not_counted, retry_after_of_a_rejection_is_sufficient,
            used_up_key_is_available_again_under_a_faster_quota, full_window_restores_the_quota,
            returned_request_can_be_used_again, returned_requests_never_exceed_the_quota,
            concurrent_returns_are_all_counted);
    };
    ($limiters:path: $($case:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                $crate::contract::limits::$case(&$limiters().await).await;
            }
        )+
    };
}
