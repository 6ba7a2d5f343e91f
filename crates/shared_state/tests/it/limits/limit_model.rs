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
    capacity: i64,
    interval: i64,
    level: i64,
}

impl Bucket {
    fn new(quota: Quota) -> Self {
        let interval = quota.interval_micros();
        Self { capacity: interval * i64::from(quota.limit()), interval, level: 0 }
    }

    fn leak(&mut self, micros: i64) {
        self.level = (self.level - micros).max(0);
    }

    fn fill(&mut self) {
        self.level += self.interval;
    }

    fn reverse(&mut self) {
        self.level = (self.level - self.interval).max(0);
    }

    /// Returns the decision on one more request, with what would be left after it.
    fn decide(&self) -> Decision {
        let level = self.level + self.interval;
        let excess = level - self.capacity;
        let allowed = excess <= 0;
        Decision {
            allowed,
            remaining: if allowed { u32::try_from(-excess / self.interval).unwrap() } else { 0 },
            retry_after: micros(excess.max(0)),
            reset_after: micros(if allowed { level } else { self.level }),
        }
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn request_is_counted_under_all_of_its_keys_or_under_none(
        quotas in prop::collection::vec(quota(), KEYS), steps in prop::collection::vec(step(), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let clock = Arc::new(FrozenClock::default());
        let limiter = in_process(clock.clone());
        let checks = |keys: &[usize]| keys.iter().map(|key| check(*key, quotas[*key])).collect::<Vec<_>>();
        let mut buckets: Vec<Bucket> = quotas.iter().map(|quota| Bucket::new(*quota)).collect();
        for step in steps {
            match step {
                Step::Wait(micros) => {
                    clock.advance(chrono::Duration::microseconds(micros));
                    buckets.iter_mut().for_each(|bucket| bucket.leak(micros));
                }
                Step::Request(keys) => {
                    let expected: Vec<Decision> = keys.iter().map(|key| buckets[*key].decide()).collect();
                    if expected.iter().all(|decision| decision.allowed) {
                        keys.iter().for_each(|key| buckets[*key].fill());
                    }
                    prop_assert_eq!(runtime.block_on(limiter.admit(&checks(&keys))).unwrap(), expected, "{:?}", keys);
                }
                Step::Reverse(keys) => {
                    keys.iter().for_each(|key| buckets[*key].reverse());
                    runtime.block_on(limiter.reverse(&checks(&keys))).unwrap();
                }
            }
            // A counter may be gone when its quota is full, but no other is added.
            let used = buckets.iter().filter(|bucket| bucket.level > 0).count();
            prop_assert!((used..=KEYS).contains(&limiter.len()), "{} of {} counters", limiter.len(), used);
        }
    }
}
