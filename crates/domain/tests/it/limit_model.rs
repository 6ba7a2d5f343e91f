//! The counters of the rate limits against a model: a bucket that leaks one microsecond of requests in each microsecond.

use std::{num::NonZeroU32, time::Duration};

use domain::{
    account::Email,
    client::ClientNetwork,
    ids::{AppPasswordId, SessionId, UserId},
    limit::{Decision, Key, Quota, Subject, gcra},
    session::DeviceDigest,
};
use proptest::prelude::*;
use uuid::Uuid;

/// A bucket. Each request fills in its interval, and is rejected when the bucket would overflow.
struct Bucket {
    capacity: i64,
    interval: i64,
    /// Below zero by the time since the bucket was empty: a clock that is set back returns to the time before. `None`
    /// when nothing was filled in.
    level: Option<i64>,
}

impl Bucket {
    fn new(quota: Quota) -> Self {
        let interval = quota.interval_micros();
        Self { capacity: interval * i64::from(quota.limit()), interval, level: None }
    }

    fn change_quota(&mut self, quota: Quota) {
        *self = Self { level: self.level, ..Self::new(quota) };
    }

    /// Leaks for a time, which is negative when the clock is set back.
    fn leak(&mut self, micros: i64) {
        self.level = self.level.map(|level| level - micros);
    }

    fn request(&mut self) -> Decision {
        // Nothing but the clock or another quota makes the level higher than the bucket. Then the bucket is full.
        let level = self.level.unwrap_or(0).clamp(0, self.capacity);
        let allowed = level + self.interval <= self.capacity;
        let level = if allowed { level + self.interval } else { level };
        self.level = Some(level);
        let free = self.capacity - level;
        Decision {
            allowed,
            remaining: if allowed { u32::try_from(free / self.interval).unwrap() } else { 0 },
            retry_after: micros(if allowed { 0 } else { self.interval - free }),
            reset_after: micros(level),
        }
    }

    fn reverse(&mut self) {
        let level = self.level.map(|level| level.min(self.capacity) - self.interval);
        self.level = level.filter(|level| *level > 0);
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(micros.unsigned_abs())
}

/// Returns the stored time after a request that was not counted.
fn uncounted(quota: Quota, now: i64, full_at: Option<i64>) -> Option<i64> {
    gcra::corrected(quota, now, full_at).or(full_at)
}

/// True when a request is allowed as soon as the client retries it.
fn is_allowed_after(rejected: Decision, quota: Quota, now: i64, full_at: Option<i64>) -> bool {
    let later = now + i64::try_from(rejected.retry_after.as_micros()).unwrap();
    gcra::decide(quota, later, full_at).0.allowed
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(i64),
    SetBack(i64),
    ChangeQuota(Quota),
    Request,
    Reverse,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => prop_oneof![0i64..2_000, 0i64..3_000_000, 0i64..20_000_000_000].prop_map(Step::Wait),
        1 => prop_oneof![0i64..3_000_000, 0i64..86_400_000_000].prop_map(Step::SetBack),
        1 => quota().prop_map(Step::ChangeQuota),
        6 => Just(Step::Request),
        1 => Just(Step::Reverse),
    ]
}

fn quota() -> impl Strategy<Value = Quota> {
    let limit = prop_oneof![1u32..20, 1u32..=2_000_000];
    let window =
        prop_oneof![(1u64..4_000_000).prop_map(Duration::from_micros), (1u64..100_000).prop_map(Duration::from_secs)];
    (limit, window).prop_map(|(limit, window)| Quota::new(NonZeroU32::new(limit).unwrap(), window))
}

/// Subjects of few values, so that equal ones and those that differ in one part meet.
fn subject() -> impl Strategy<Value = Subject> {
    let id = || (0u128..3).prop_map(Uuid::from_u128);
    let network = || (0u8..3).prop_map(|last| ClientNetwork::of(Some([192, 0, 2, last].into())));
    let email = || {
        prop::sample::select(vec!["a@example.com", "b@example.com", "account@example.com"])
            .prop_map(|text| Email::parse(text).unwrap())
    };
    prop_oneof![
        id().prop_map(|id| Subject::Session(SessionId(id))),
        id().prop_map(|id| Subject::AppPassword(AppPasswordId(id))),
        id().prop_map(|id| Subject::User(UserId(id))),
        network().prop_map(Subject::Network),
        email().prop_map(Subject::Account),
        (network(), prop::option::of(email())).prop_map(|(network, email)| Subject::NetworkAndAccount(network, email)),
        (0u8..3, email()).prop_map(|(device, email)| Subject::DeviceAndAccount(DeviceDigest([device; 32]), email)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Redis counts under this text.
    #[test]
    fn subjects_have_the_same_text_if_they_are_the_same(one in subject(), other in subject()) {
        let text = |subject: &Subject| Key { counter: "any", subject: subject.clone() }.subject_text();
        prop_assert_eq!(text(&one) == text(&other), one == other, "{:?} {:?}", text(&one), text(&other));
    }

    #[test]
    fn counter_decides_as_a_leaking_bucket(quota in quota(), steps in prop::collection::vec(step(), 1..120)) {
        let (mut quota, mut bucket) = (quota, Bucket::new(quota));
        let (mut now, mut full_at) = (1_800_000_000_000_000, None);
        for step in steps {
            match step {
                Step::Wait(micros) => {
                    now += micros;
                    bucket.leak(micros);
                }
                Step::SetBack(micros) => {
                    now -= micros;
                    bucket.leak(-micros);
                }
                Step::ChangeQuota(changed) => {
                    quota = changed;
                    bucket.change_quota(changed);
                }
                Step::Request => {
                    let (decision, next) = gcra::decide(quota, now, full_at);
                    prop_assert_eq!(decision, bucket.request());
                    full_at = if decision.allowed { Some(next) } else { uncounted(quota, now, full_at) };
                    prop_assert!(decision.allowed || is_allowed_after(decision, quota, now, full_at), "{:?}", decision);
                }
                Step::Reverse => {
                    full_at = gcra::reverse(quota, now, full_at);
                    bucket.reverse();
                }
            }
        }
    }

    /// A clock that was set back, or a stored number of another quota, delays a client by one window at most.
    #[test]
    fn no_stored_number_delays_a_client_by_more_than_the_window(quota in quota(), now in 0i64..4_000_000_000_000_000, full_at in any::<i64>()) {
        let (decision, next) = gcra::decide(quota, now, Some(full_at));
        let window = quota.interval_micros() * i64::from(quota.limit());
        prop_assert!(decision.retry_after <= micros(quota.interval_micros()) && decision.reset_after <= micros(window));
        prop_assert!((now..=now + window).contains(&next));
        let stored = uncounted(quota, now, Some(full_at));
        prop_assert!(decision.allowed || is_allowed_after(decision, quota, now, stored));
        prop_assert!(stored.is_some_and(|stored| stored <= now + window));
        let reversed = gcra::reverse(quota, now, Some(full_at));
        prop_assert!(reversed.is_none_or(|full_at| (now..now + window).contains(&full_at)));
    }

    #[test]
    fn no_quota_causes_an_overflow(limit in 1u32..=u32::MAX, seconds in any::<u64>(), factor in 1u32..=u32::MAX, full_at in any::<Option<i64>>()) {
        let factor = NonZeroU32::new(factor).unwrap();
        let quota = Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds));
        for quota in [quota, quota.times(factor), quota.over(factor)] {
            prop_assert!(quota.limit() <= Quota::MAX_LIMIT.get() && quota.interval_micros() >= 1);
            let (decision, _) = gcra::decide(quota, 1_800_000_000_000_000, full_at);
            prop_assert!(decision.remaining < quota.limit());
            let _ = gcra::reverse(quota, 1_800_000_000_000_000, full_at);
            let _ = gcra::corrected(quota, 1_800_000_000_000_000, full_at);
        }
    }
}
