//! What every rate limiter does.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    account::UserId,
    limit::{Ask, Decision, Key, Quota, RateLimiter, Subject},
};

use crate::samples;

/// Counters to test.
#[async_trait]
pub trait Limiters: Send + Sync {
    /// A limiter over the same counters. Several may be open at once, as several replicas would have them.
    async fn open(&self) -> Arc<dyn RateLimiter>;

    /// Lets time pass.
    async fn pass(&self, time: Duration);
}

const HOUR: Duration = Duration::from_secs(3600);

/// An ask of a user whom nobody has asked for before.
fn ask(limit: u32, window: Duration) -> Ask {
    let key = Key { counter: "contract", subject: Subject::User(UserId(samples::id())) };
    Ask { key, quota: Quota::new(NonZeroU32::new(limit).unwrap(), window) }
}

async fn admit_all(limiter: &dyn RateLimiter, asks: &[Ask]) -> Vec<Decision> {
    limiter.admit(asks).await.unwrap()
}

async fn admit(limiter: &dyn RateLimiter, ask: &Ask) -> Decision {
    admit_all(limiter, std::slice::from_ref(ask)).await[0]
}

async fn admitted_of_many(limiters: &dyn Limiters, times: usize, asks: impl Fn(usize) -> Vec<Ask>) -> usize {
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

pub async fn a_new_key_has_its_whole_allowance(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(3, HOUR));
    for remaining in [2, 1, 0] {
        let decision = admit(&*limiter, &ask).await;
        assert!(decision.allowed && decision.remaining == remaining, "{decision:?}");
        assert_eq!(decision.retry_after, Duration::ZERO);
        assert!(decision.reset_after <= HOUR && decision.reset_after > HOUR / 4, "{decision:?}");
    }
    for _ in 0..3 {
        let refused = admit(&*limiter, &ask).await;
        assert!(!refused.allowed && refused.remaining == 0, "{refused:?}");
        assert!(refused.retry_after > HOUR / 4 && refused.retry_after <= HOUR / 3, "{refused:?}");
        assert!(refused.reset_after > HOUR / 2 && refused.reset_after <= HOUR, "{refused:?}");
    }
}

pub async fn of_many_at_once_exactly_the_limit_is_admitted(limiters: &dyn Limiters) {
    let ask = ask(20, HOUR);
    assert_eq!(admitted_of_many(limiters, 60, |_| vec![ask.clone()]).await, 20);
}

pub async fn of_many_at_once_under_several_keys_exactly_the_limit_is_admitted(limiters: &dyn Limiters) {
    let (together, apart) = (ask(12, HOUR), [ask(5, HOUR), ask(4, HOUR), ask(50, HOUR)]);
    let admitted = admitted_of_many(limiters, 60, |number| vec![apart[number % 3].clone(), together.clone()]).await;
    assert_eq!(admitted, 12);
}

pub async fn keys_are_counted_apart(limiters: &dyn Limiters) {
    let (limiter, used_up) = (limiters.open().await, ask(1, HOUR));
    assert!(admit(&*limiter, &used_up).await.allowed);
    assert!(!admit(&*limiter, &used_up).await.allowed);
    assert!(admit(&*limiter, &ask(1, HOUR)).await.allowed);
    let elsewhere = Ask { key: Key { counter: "another", ..used_up.key.clone() }, ..used_up };
    assert!(admit(&*limiter, &elsewhere).await.allowed);
}

pub async fn a_refused_request_is_counted_nowhere(limiters: &dyn Limiters) {
    let (limiter, used_up, fresh) = (limiters.open().await, ask(1, HOUR), ask(2, HOUR));
    assert!(admit(&*limiter, &used_up).await.allowed);
    for asks in [[used_up.clone(), fresh.clone()], [fresh.clone(), used_up.clone()]] {
        let decisions = admit_all(&*limiter, &asks).await;
        let allowed: Vec<bool> = decisions.iter().map(|decision| decision.allowed).collect();
        assert_eq!(allowed, asks.map(|ask| ask == fresh), "one decision for each ask, in their order");
    }
    assert_eq!(admit(&*limiter, &fresh).await.remaining, 1, "not counted before");
}

pub async fn what_a_refusal_says_is_long_enough(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(2, Duration::from_secs(8)));
    assert!(admit(&*limiter, &ask).await.allowed && admit(&*limiter, &ask).await.allowed);
    let refused = admit(&*limiter, &ask).await;
    assert!(!refused.allowed && refused.retry_after <= Duration::from_secs(4), "{refused:?}");
    limiters.pass(refused.retry_after).await;
    assert!(admit(&*limiter, &ask).await.allowed);
}

pub async fn a_whole_window_brings_everything_back(limiters: &dyn Limiters) {
    let (limiter, ask) = (limiters.open().await, ask(2, Duration::from_secs(4)));
    for _ in 0..2 {
        assert!(admit(&*limiter, &ask).await.allowed);
        assert_eq!(admit(&*limiter, &ask).await.remaining, 0);
        limiters.pass(Duration::from_secs(4)).await;
    }
}

pub async fn what_is_given_back_may_be_asked_for_again(limiters: &dyn Limiters) {
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
    assert_eq!(admit(&*limiter, &second).await.remaining, 2, "of the other key nothing was taken");
}

pub async fn giving_back_never_makes_more_than_the_whole_allowance(limiters: &dyn Limiters) {
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

pub async fn of_many_that_give_back_at_once_none_is_lost(limiters: &dyn Limiters) {
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

/// Makes one test of every case, for one kind of counters.
#[macro_export]
macro_rules! limiter_contract {
    ($limiters:path) => {
        $crate::limiter_contract!($limiters: a_new_key_has_its_whole_allowance, of_many_at_once_exactly_the_limit_is_admitted,
            of_many_at_once_under_several_keys_exactly_the_limit_is_admitted, keys_are_counted_apart,
            a_refused_request_is_counted_nowhere, what_a_refusal_says_is_long_enough,
            a_whole_window_brings_everything_back, what_is_given_back_may_be_asked_for_again,
            giving_back_never_makes_more_than_the_whole_allowance, of_many_that_give_back_at_once_none_is_lost);
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
