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
fn ask(limit: u32, window: Duration) -> LimitCheck {
    let key = Key { counter: "contract", subject: Subject::User(UserId(samples::id())) };
    LimitCheck { key, quota: Quota::new(NonZeroU32::new(limit).unwrap(), window) }
}

async fn admit_all(limiter: &dyn RateLimiter, asks: &[LimitCheck]) -> Vec<Decision> {
    limiter.admit(asks).await.unwrap()
}

async fn admit(limiter: &dyn RateLimiter, ask: &LimitCheck) -> Decision {
    admit_all(limiter, std::slice::from_ref(ask)).await[0]
}

async fn admitted_of_many(limiters: &dyn Limiters, times: usize, asks: impl Fn(usize) -> Vec<LimitCheck>) -> usize {
    let replicas = [limiters.open().await, limiters.open().await];
    let tasks: Vec<_> = (0..times)
        .map(|number| {
            let (limiter, asks) = (Arc::clone(&replicas[number % 2]), asks(number));
            tokio::spawn(async move { admit_all(&*limiter, &asks).await.iter().all(|decision| decision.allowed) })
        })
        .collect();
    let mut admitted = 0;
    for task in tasks {
        admitted += usize::from(task.await.unwrap());
    }
    admitted
}

pub async fn new_key_has_the_full_allowance(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(3, HOUR));
    for remaining in [2, 1, 0] {
        let decision = admit(&*limiter, &ask).await;
        assert!(decision.allowed && decision.remaining == remaining, "{decision:?}");
        assert_eq!(decision.retry_after, Duration::ZERO);
        assert!(decision.reset_after <= HOUR && decision.reset_after > HOUR / 4, "{decision:?}");
    }
    for _ in 0..3 {
        let rejected = admit(&*limiter, &ask).await;
        assert!(!rejected.allowed && rejected.remaining == 0, "{rejected:?}");
        assert!(rejected.retry_after > HOUR / 4 && rejected.retry_after <= HOUR / 3, "{rejected:?}");
        assert!(rejected.reset_after > HOUR / 2 && rejected.reset_after <= HOUR, "{rejected:?}");
    }
}

pub async fn concurrent_requests_admit_exactly_the_limit(limiters: &dyn Limiters) {
    let ask = ask(20, HOUR);
    assert_eq!(admitted_of_many(limiters, 60, |_| vec![ask.clone()]).await, 20);
}

pub async fn concurrent_requests_under_several_keys_admit_exactly_the_limit(limiters: &dyn Limiters) {
    let (together, apart) = (ask(12, HOUR), [ask(5, HOUR), ask(4, HOUR), ask(50, HOUR)]);
    let admitted = admitted_of_many(limiters, 60, |number| vec![apart[number % 3].clone(), together.clone()]).await;
    assert_eq!(admitted, 12);
}

pub async fn keys_are_counted_separately(limiters: &dyn Limiters) {
    let (limiter, exhausted) = (limiters.open().await, ask(1, HOUR));
    assert!(admit(&*limiter, &exhausted).await.allowed);
    assert!(!admit(&*limiter, &exhausted).await.allowed);
    assert!(admit(&*limiter, &ask(1, HOUR)).await.allowed);
    let elsewhere = LimitCheck { key: Key { counter: "another", ..exhausted.key.clone() }, ..exhausted };
    assert!(admit(&*limiter, &elsewhere).await.allowed);
}

pub async fn rejected_request_is_not_counted(limiters: &dyn Limiters) {
    let (limiter, exhausted, fresh) = (limiters.open().await, ask(1, HOUR), ask(2, HOUR));
    assert!(admit(&*limiter, &exhausted).await.allowed);
    for asks in [[exhausted.clone(), fresh.clone()], [fresh.clone(), exhausted.clone()]] {
        let decisions = admit_all(&*limiter, &asks).await;
        let allowed: Vec<bool> = decisions.iter().map(|decision| decision.allowed).collect();
        assert_eq!(allowed, asks.map(|ask| ask == fresh), "one decision for each check, in order");
    }
    assert_eq!(admit(&*limiter, &fresh).await.remaining, 1, "the rejected request was not counted");
}

pub async fn retry_after_of_a_rejection_is_sufficient(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(2, Duration::from_secs(8)));
    assert!(admit(&*limiter, &ask).await.allowed && admit(&*limiter, &ask).await.allowed);
    let rejected = admit(&*limiter, &ask).await;
    assert!(!rejected.allowed && rejected.retry_after <= Duration::from_secs(4), "{rejected:?}");
    limiters.pass(rejected.retry_after).await;
    assert!(admit(&*limiter, &ask).await.allowed);
}

pub async fn full_window_restores_the_allowance(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(2, Duration::from_secs(4)));
    for _ in 0..2 {
        assert!(admit(&*limiter, &ask).await.allowed);
        assert_eq!(admit(&*limiter, &ask).await.remaining, 0);
        limiters.pass(Duration::from_secs(4)).await;
    }
}

pub async fn returned_request_can_be_used_again(limiters: &dyn Limiters) {
    let (limiter, other) = (limiters.open().await, limiters.open().await);
    let (first, second) = (ask(2, HOUR), ask(3, HOUR));
    let both = [first.clone(), second.clone()];
    for _ in 0..9 {
        assert!(admit_all(&*limiter, &both).await.iter().all(|decision| decision.allowed));
        other.give_back(&both).await.unwrap();
    }
    assert!(admit(&*limiter, &first).await.allowed && admit(&*limiter, &first).await.allowed);
    assert!(!admit(&*limiter, &first).await.allowed);
    limiter.give_back(std::slice::from_ref(&first)).await.unwrap();
    assert_eq!(admit(&*limiter, &first).await.remaining, 0);
    assert_eq!(admit(&*limiter, &second).await.remaining, 2, "the counter of the other key is unchanged");
}

pub async fn returned_requests_never_exceed_the_allowance(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(2, HOUR));
    limiter.give_back(std::slice::from_ref(&ask)).await.unwrap();
    assert_eq!(admit(&*limiter, &ask).await.remaining, 1);
    for _ in 0..5 {
        limiter.give_back(std::slice::from_ref(&ask)).await.unwrap();
    }
    assert_eq!(admit(&*limiter, &ask).await.remaining, 1);
    assert_eq!(admit(&*limiter, &ask).await.remaining, 0);
    assert!(!admit(&*limiter, &ask).await.allowed);
}

pub async fn concurrent_returns_are_all_counted(limiters: &dyn Limiters) {
    let ask = ask(60, HOUR);
    let replicas = [limiters.open().await, limiters.open().await];
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let (limiter, ask) = (Arc::clone(&replicas[number % 2]), ask.clone());
            tokio::spawn(async move {
                assert!(admit(&*limiter, &ask).await.allowed);
                limiter.give_back(&[ask]).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(admit(&*replicas[0], &ask).await.remaining, 59);
}

/// Defines one test for each case, for one kind of counters.
#[macro_export]
macro_rules! limiter_contract {
    ($limiters:path) => {
        $crate::limiter_contract!($limiters: new_key_has_the_full_allowance, concurrent_requests_admit_exactly_the_limit,
            concurrent_requests_under_several_keys_admit_exactly_the_limit, keys_are_counted_separately,
            rejected_request_is_not_counted, retry_after_of_a_rejection_is_sufficient,
            full_window_restores_the_allowance, returned_request_can_be_used_again,
            returned_requests_never_exceed_the_allowance, concurrent_returns_are_all_counted);
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
