//! The limiter of this process against a model: one leaking bucket for each key. A request fills the buckets of all of its
//! keys, or of none.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use domain::{
    ids::UserId,
    limit::{Decision, Key, LimitCheck, Quota, RateLimiter as _, Subject},
};
use proptest::{prelude::*, sample::subsequence};
use testkit::fakes::FrozenClock;
use uuid::Uuid;

use super::contract::in_process;

/// Number of keys of a walk.
const KEYS: usize = 4;

struct Bucket {
    quota: Quota,
    level: i64,
}

impl Bucket {
    fn interval(&self) -> i64 {
        self.quota.interval_micros()
    }

    fn capacity(&self) -> i64 {
        self.interval() * i64::from(self.quota.limit())
    }

    fn leak(&mut self, micros: i64) {
        self.level = (self.level - micros).max(0);
    }

    /// An empty bucket stays empty, since its counter may be gone.
    fn set_back(&mut self, micros: i64) {
        if self.level > 0 {
            self.level += micros;
        }
    }

    fn fill(&mut self) {
        self.level += self.interval();
    }

    /// Nothing but the clock or another quota makes the level higher than the bucket. Then the bucket is full.
    fn spill(&mut self) {
        self.level = self.level.min(self.capacity());
    }

    fn reverse(&mut self) {
        self.spill();
        self.level = (self.level - self.interval()).max(0);
    }

    /// Returns the decision on one more request, with what would be left after it.
    fn decide(&self) -> Decision {
        let (before, interval) = (self.level.min(self.capacity()), self.interval());
        let level = before + interval;
        let excess = level - self.capacity();
        let allowed = excess <= 0;
        Decision {
            allowed,
            remaining: if allowed { u32::try_from(-excess / interval).unwrap() } else { 0 },
            retry_after: micros(excess.max(0)),
            reset_after: micros(if allowed { level } else { before }),
        }
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    SetBack(i64),
    ChangeQuota(usize, Quota),
    Request(Vec<usize>),
    Reverse(Vec<usize>),
}

/// Some keys, each once and in any order.
fn keys() -> impl Strategy<Value = Vec<usize>> {
    subsequence((0..KEYS).collect::<Vec<_>>(), 1..=KEYS).prop_shuffle()
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop_oneof![0i64..2_000, 0i64..10_000_000, 0i64..200_000_000].prop_map(Step::Wait),
        1 => prop_oneof![0i64..10_000_000, 0i64..86_400_000_000].prop_map(Step::SetBack),
        1 => (0..KEYS, quota()).prop_map(|(key, quota)| Step::ChangeQuota(key, quota)),
        8 => keys().prop_map(Step::Request),
        1 => keys().prop_map(Step::Reverse),
    ]
}

fn quota() -> impl Strategy<Value = Quota> {
    let window = prop_oneof![1u64..4_000_000, 10_000_000u64..7_200_000_000];
    (1u32..12, window)
        .prop_map(|(limit, micros)| Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_micros(micros)))
}

/// Returns the check of a key. Some keys have the counter in common, and some the subject.
fn check(key: usize, quota: Quota) -> LimitCheck {
    let user = UserId(Uuid::from_u128(key as u128 % 2));
    LimitCheck { key: Key { counter: ["one", "other"][key / 2], subject: Subject::User(user) }, quota }
}

fn checks(buckets: &[Bucket], keys: &[usize]) -> Vec<LimitCheck> {
    keys.iter().map(|key| check(*key, buckets[*key].quota)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn request_is_counted_under_all_of_its_keys_or_under_none(
        quotas in prop::collection::vec(quota(), KEYS), steps in prop::collection::vec(step(), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let clock = Arc::new(FrozenClock::default());
        let limiter = in_process(clock.clone());
        let mut buckets: Vec<Bucket> = quotas.into_iter().map(|quota| Bucket { quota, level: 0 }).collect();
        for step in steps {
            match step {
                Step::Wait(micros) => {
                    clock.advance(chrono::Duration::microseconds(micros));
                    buckets.iter_mut().for_each(|bucket| bucket.leak(micros));
                }
                Step::SetBack(micros) => {
                    // A counter with a full quota may be gone, or not. Now it is, so that the model knows.
                    let full: Vec<usize> = (0..KEYS).filter(|key| buckets[*key].level == 0).collect();
                    runtime.block_on(limiter.reverse(&checks(&buckets, &full))).unwrap();
                    clock.advance(chrono::Duration::microseconds(-micros));
                    buckets.iter_mut().for_each(|bucket| bucket.set_back(micros));
                }
                Step::ChangeQuota(key, quota) => buckets[key].quota = quota,
                Step::Request(keys) => {
                    let expected: Vec<Decision> = keys.iter().map(|key| buckets[*key].decide()).collect();
                    if expected.iter().all(|decision| decision.allowed) {
                        keys.iter().for_each(|key| buckets[*key].fill());
                    } else {
                        keys.iter().for_each(|key| buckets[*key].spill());
                    }
                    let decisions = runtime.block_on(limiter.admit(&checks(&buckets, &keys))).unwrap();
                    prop_assert_eq!(decisions, expected, "{:?}", keys);
                }
                Step::Reverse(keys) => {
                    keys.iter().for_each(|key| buckets[*key].reverse());
                    runtime.block_on(limiter.reverse(&checks(&buckets, &keys))).unwrap();
                }
            }
            // A counter may be gone when its quota is full, but no other is added.
            let used = buckets.iter().filter(|bucket| bucket.level > 0).count();
            prop_assert!((used..=KEYS).contains(&limiter.len()), "{} of {} counters", limiter.len(), used);
        }
        for key in 0..KEYS {
            let alone = checks(&buckets, &[key]);
            let decision = runtime.block_on(limiter.admit(&alone)).unwrap()[0];
            clock.advance(chrono::Duration::from_std(decision.retry_after).unwrap());
            let is_allowed = decision.allowed || runtime.block_on(limiter.admit(&alone)).unwrap()[0].allowed;
            prop_assert!(is_allowed, "{:?}", decision);
        }
    }
}
