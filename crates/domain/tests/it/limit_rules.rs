//! Quotas, keys and the algorithm of the counters, value by value.

use std::{collections::BTreeSet, num::NonZeroU32, time::Duration};

use domain::{
    account::Email,
    client::{ClientInfo, ClientNetwork},
    ids::{AppPasswordId, SessionId, UserId},
    limit::{Key, Limit, Quota, Subject, gcra},
    session::DeviceDigest,
};
use testkit::samples;

/// An arbitrary time, in microseconds since 1970.
const NOW: i64 = 1_800_000_000_000_000;
const SECOND: i64 = 1_000_000;

fn quota(limit: u32, window: Duration) -> Quota {
    Quota::new(NonZeroU32::new(limit).unwrap(), window)
}

#[test]
fn decision_depends_on_the_time_at_which_the_quota_is_full() {
    let quota = quota(2, Duration::from_secs(60));
    // Seconds from now: full at; then allowed, remaining, retry after, reset after, full at after this request.
    let cases = [
        (None, true, 1, 0, 30, 30),
        (Some(-3600), true, 1, 0, 30, 30),
        (Some(0), true, 1, 0, 30, 30),
        (Some(10), true, 0, 0, 40, 40),
        (Some(30), true, 0, 0, 60, 60),
        (Some(31), false, 0, 1, 31, 60),
        (Some(60), false, 0, 30, 60, 60),
        (Some(3600), false, 0, 30, 60, 60),
    ];
    for (full_at, allowed, remaining, retry_after, reset_after, next) in cases {
        let (decision, full_next) = gcra::decide(quota, NOW, full_at.map(|seconds: i64| NOW + seconds * SECOND));
        let found = (decision.allowed, decision.remaining, decision.retry_after, decision.reset_after);
        let expected = (allowed, remaining, Duration::from_secs(retry_after), Duration::from_secs(reset_after));
        assert_eq!((found, full_next), (expected, NOW + next * SECOND), "full at {full_at:?}");
    }
}

#[test]
fn impossible_time_is_corrected_to_that_of_an_exhausted_quota() {
    let quota = quota(2, Duration::from_secs(60));
    let cases = [(None, None), (Some(-3600), None), (Some(60), None), (Some(61), Some(60)), (Some(3600), Some(60))];
    for (full_at, expected) in cases {
        let at = |seconds: i64| NOW + seconds * SECOND;
        assert_eq!(gcra::corrected(quota, NOW, full_at.map(at)), expected.map(at), "full at {full_at:?}");
    }
}

#[test]
fn reversed_request_is_available_again_within_the_quota() {
    let quota = quota(2, Duration::from_secs(60));
    let cases = [
        (None, None),
        (Some(-3600), None),
        (Some(29), None),
        (Some(30), None),
        (Some(31), Some(1)),
        (Some(60), Some(30)),
        (Some(3600), Some(30)),
    ];
    for (full_at, expected) in cases {
        let at = |seconds: i64| NOW + seconds * SECOND;
        assert_eq!(gcra::reverse(quota, NOW, full_at.map(at)), expected.map(at), "full at {full_at:?}");
    }
}

#[test]
fn quota_is_multiplied_and_bounded() {
    let three = NonZeroU32::new(3).unwrap();
    let base = quota(10, Duration::from_secs(60));
    assert_eq!((base.times(three).limit(), base.times(three).window()), (30, Duration::from_secs(60)));
    assert_eq!((base.over(three).limit(), base.over(three).window()), (10, Duration::from_secs(180)));
    assert_eq!(quota(1_000_001, Duration::from_secs(1)).limit(), 1_000_000);
    assert_eq!(quota(1_000_000, Duration::from_secs(1)).times(three).limit(), 1_000_000);
    for (limit, window, interval) in [
        (10, Duration::from_secs(60), 6_000_000),
        (3, Duration::from_micros(10), 3),
        (1_000_000, Duration::from_secs(1), 1),
        (1_000_000, Duration::from_millis(1), 1),
        (1, Duration::MAX, i64::MAX / 1_000_000),
    ] {
        assert_eq!(quota(limit, window).interval_micros(), interval, "{limit} in {window:?}");
    }
}

#[test]
fn limit_needs_the_body_or_the_session_that_its_counters_count() {
    for (limit, needs_body, needs_credential) in [
        (Limit::Me, false, true),
        (Limit::EndSession, false, true),
        (Limit::Security, false, true),
        (Limit::Contacts, false, true),
        (Limit::ContactCreate, false, true),
        (Limit::ContactBatch, false, true),
        (Limit::Import, false, true),
        (Limit::Dav, false, true),
        (Limit::AppPassword, false, false),
        (Limit::Login, true, false),
        (Limit::Token, false, false),
        (Limit::Refresh, false, false),
        (Limit::RefreshSession, true, false),
        (Limit::VerifyMail, true, false),
        (Limit::ResetMail, true, false),
        (Limit::ChangeMail, true, false),
        (Limit::Register, true, false),
    ] {
        assert_eq!((limit.needs_body(), limit.needs_credential()), (needs_body, needs_credential), "{limit:?}");
    }
}

#[test]
fn different_subjects_have_different_texts() {
    let id = samples::id();
    let email = |text: &str| Email::parse(text).unwrap();
    let device = |agent: &str| DeviceDigest::of(&ClientInfo::new(None, Some(agent)));
    let [home, office] = ["203.0.113.7", "2001:db8::7"].map(|ip| ClientNetwork::of(ip.parse().ok()));
    let subjects = [
        Subject::Session(SessionId(id)),
        Subject::Session(SessionId(samples::id())),
        Subject::AppPassword(AppPasswordId(id)),
        Subject::User(UserId(id)),
        Subject::Network(home),
        Subject::Network(office),
        Subject::Account(email("olena@example.com")),
        Subject::Account(email("petro@example.com")),
        Subject::NetworkAndAccount(home, None),
        Subject::NetworkAndAccount(home, Some(email("olena@example.com"))),
        Subject::NetworkAndAccount(home, Some(email("petro@example.com"))),
        Subject::NetworkAndAccount(office, Some(email("olena@example.com"))),
        Subject::DeviceAndAccount(device("Firefox"), email("olena@example.com")),
        Subject::DeviceAndAccount(device("Chrome"), email("olena@example.com")),
        Subject::DeviceAndAccount(device("Firefox"), email("petro@example.com")),
    ];
    let number = subjects.len();
    let texts: BTreeSet<_> =
        subjects.into_iter().map(|subject| Key { counter: "test", subject }.subject_text()).collect();
    assert_eq!(texts.len(), number, "{texts:?}");
}
