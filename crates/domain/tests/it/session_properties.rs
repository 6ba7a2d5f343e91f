//! Properties of the lifetime of a session.

use chrono::Duration;
use domain::{Policy, session::SessionLifetime};
use proptest::prelude::*;
use testkit::samples;

/// Maximum of the setting of a lifetime, in microseconds.
const YEAR: i64 = 365 * 24 * 60 * 60 * 1_000_000;

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![1..=1_000_i64, 1..=YEAR].prop_map(Duration::microseconds)
}

fn lifetime() -> impl Strategy<Value = SessionLifetime> {
    (duration(), duration()).prop_map(|(total, idle)| SessionLifetime { total, idle })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn lifetime_of_a_session_is_that_of_the_policy(lifetime in lifetime()) {
        let SessionLifetime { total, idle } = lifetime;
        let policy = Policy { refresh_token_ttl: total, session_idle_timeout: idle, ..Policy::default() };
        prop_assert_eq!(policy.session_lifetime(), lifetime);
    }

    #[test]
    fn session_is_active_up_to_the_earlier_of_both_ends(
        lifetime in lifetime(), used_after in duration(), distance in duration(),
    ) {
        let mut session = samples::session(samples::user().id);
        session.last_used_at = session.created_at + used_after;
        let end = (session.created_at + lifetime.total).min(session.last_used_at + lifetime.idle);
        for (time, is_active) in [
            (end - distance, true),
            (end - Duration::microseconds(1), true),
            (end, false),
            (end + distance, false),
        ] {
            prop_assert_eq!(session.is_active(time, lifetime), is_active, "{} of {}", time, end);
        }
    }

    /// A refresh never prolongs the total lifetime.
    #[test]
    fn session_is_refreshed_until_a_pause_or_its_age_is_too_long(
        lifetime in lifetime(), pauses in prop::collection::vec(duration(), 0..10),
    ) {
        let mut session = samples::session(samples::user().id);
        let mut age = Duration::zero();
        for pause in pauses {
            age += pause;
            let (now, is_active) = (session.created_at + age, pause < lifetime.idle && age < lifetime.total);
            prop_assert_eq!(session.is_active(now, lifetime), is_active, "{} after {}", pause, age);
            if !is_active {
                break;
            }
            session.last_used_at = now;
        }
    }
}
