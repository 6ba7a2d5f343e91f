//! Requests with an app password.

use std::{num::NonZeroU32, time::Duration as StdDuration};

use chrono::Duration;
use domain::{
    Ports,
    app_password::{AppPasswordSecret, Scope, Scopes},
    client::ClientInfo,
    limit::Quota,
    session::{Credential, Principal},
    use_cases::app_password::{
        AppPasswordAttempt, AuthenticateAppPasswordError, CreateAppPasswordCommand, CreatedAppPassword,
        authenticate_app_password, create_app_password, list_app_passwords,
    },
};
use testkit::{TestEnvironment, samples};

use super::{attempt, created, enters, named};
use crate::notices::{OLENA, SECOND, signed_in};

/// Ports with a limit of wrong app passwords in a minute.
fn limited(env: &TestEnvironment, wrong: u32) -> Ports {
    let mut ports = env.ports.clone();
    ports.policy.rates.app_password = Some(Quota::new(NonZeroU32::new(wrong).unwrap(), StdDuration::from_secs(60)));
    ports
}

fn secret() -> AppPasswordSecret {
    AppPasswordSecret::from_random(&samples::secret())
}

#[tokio::test]
async fn app_password_allows_exactly_its_scopes() {
    let env = TestEnvironment::default();
    let user = env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    for own in Scope::ALL {
        let command = CreateAppPasswordCommand { scopes: Scopes::new([own]).unwrap(), ..named("Phone") };
        let CreatedAppPassword { password, secret } = create_app_password(&env.ports, &olena, command).await.unwrap();
        for needed in Scope::ALL {
            match attempt(&env.ports, None, &secret, Some(needed)).await {
                Ok(Principal { user: found, credential: Credential::AppPassword(found_password), client }) => {
                    assert_eq!((needed, found, found_password.id), (own, user.clone(), password.id));
                    assert_eq!(client, TestEnvironment::client());
                }
                outcome => {
                    let is_insufficient =
                        matches!(outcome, Err(AuthenticateAppPasswordError::InsufficientScope { .. }));
                    assert!(is_insufficient && needed != own, "{own} {needed}: {outcome:?}");
                }
            }
        }
    }
    let all = created(&env, &olena).await.secret;
    let outcome = attempt(&env.ports, None, &all, None).await;
    assert!(matches!(outcome, Err(AuthenticateAppPasswordError::InsufficientScope { .. })), "a session is required");
}

#[tokio::test]
async fn user_name_must_be_the_email_of_the_account() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified(SECOND).await;
    let olena = signed_in(&env, OLENA).await;
    let secret = created(&env, &olena).await.secret;
    for is_cached in [false, true] {
        env.store.cache_app_passwords(is_cached);
        for (user_name, is_right) in [
            (OLENA, true),
            (" Olena@EXAMPLE.com ", true),
            (SECOND, false),
            ("olena", false),
            ("", false),
            ("nobody@example.com", false),
        ] {
            let outcome = attempt(&env.ports, Some(user_name), &secret, Some(Scope::CardDav)).await;
            assert_eq!(outcome.is_ok(), is_right, "{user_name:?}: {outcome:?}");
        }
    }
    // The right secret of one account with the name of another one, and an unknown secret.
    for (user_name, secret) in [(SECOND, &secret), (OLENA, &self::secret())] {
        let outcome = attempt(&env.ports, Some(user_name), secret, Some(Scope::CardDav)).await;
        assert!(matches!(outcome, Err(AuthenticateAppPasswordError::Invalid)), "{outcome:?}");
    }
}

#[tokio::test]
async fn unknown_app_password_costs_as_much_as_a_known_one() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let known = created(&env, &olena).await.secret;
    for (secret, user_name) in [(&known, OLENA), (&known, SECOND), (&secret(), OLENA), (&secret(), "olena")] {
        let _ = attempt(&env.ports, Some(user_name), secret, Some(Scope::CardDav)).await;
        assert_eq!(env.store.take_app_password_reads(), 1);
    }
    env.store.cache_app_passwords(true);
    assert!(enters(&env, &known).await);
    assert_eq!(env.store.take_app_password_reads(), 0, "a cached one costs nothing");
}

#[tokio::test]
async fn only_wrong_app_passwords_are_limited() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let known = created(&env, &olena).await.secret;
    let ports = limited(&env, 3);
    let wrong = async |from: &str| {
        let client = ClientInfo::new(from.parse().ok(), None);
        let attempt = AppPasswordAttempt { user_name: None, secret: &secret(), client: &client };
        authenticate_app_password(&ports, &attempt, Some(Scope::CardDav)).await.map(drop)
    };
    let here = TestEnvironment::client().ip.unwrap().to_string();
    for _ in 0..10 {
        attempt(&ports, None, &known, Some(Scope::CardDav)).await.unwrap();
        attempt(&ports, None, &known, None).await.unwrap_err();
    }
    for _ in 0..3 {
        let outcome = wrong(&here).await;
        assert!(matches!(outcome, Err(AuthenticateAppPasswordError::Invalid)), "{outcome:?}");
    }
    let _ = env.store.take_app_password_reads();
    let outcome = wrong(&here).await;
    let Err(AuthenticateAppPasswordError::TooManyWrong(counted)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(counted.iter().map(|counted| counted.counter).collect::<Vec<_>>(), ["app-password"]);
    let outcome = attempt(&ports, None, &known, Some(Scope::CardDav)).await;
    assert!(matches!(outcome, Err(AuthenticateAppPasswordError::TooManyWrong(_))), "not checked: {outcome:?}");
    assert_eq!(env.store.take_app_password_reads(), 0, "before anything costs");
    let outcome = wrong("198.51.100.66").await;
    assert!(matches!(outcome, Err(AuthenticateAppPasswordError::Invalid)), "another network: {outcome:?}");
    env.store.cache_app_passwords(true);
    attempt(&ports, None, &known, Some(Scope::CardDav)).await.unwrap();
    env.store.cache_app_passwords(false);
    env.rate_limiter.set_unavailable(true);
    let outcome = wrong(&here).await;
    assert!(matches!(outcome, Err(AuthenticateAppPasswordError::Invalid)), "without counters: {outcome:?}");
    env.rate_limiter.set_unavailable(false);
    env.clock.advance(Duration::seconds(20));
    attempt(&ports, None, &known, Some(Scope::CardDav)).await.unwrap();
    attempt(&ports, None, &known, Some(Scope::CardDav)).await.unwrap();
}

#[tokio::test]
async fn use_is_recorded_once_an_hour() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let secret = created(&env, &olena).await.secret;
    let recorded = async || list_app_passwords(&env.ports, &olena).await.unwrap()[0].last_used_at;
    let start = samples::now();
    for (minutes, expected) in [(0, 0), (1, 0), (59, 0), (60, 60), (119, 60), (120, 120)] {
        env.clock.set(start + Duration::minutes(minutes));
        assert!(enters(&env, &secret).await);
        assert_eq!(recorded().await, Some(start + Duration::minutes(expected)), "after {minutes} minutes");
    }
    env.clock.advance(Duration::hours(1));
    attempt(&env.ports, None, &secret, None).await.unwrap_err();
    assert_eq!(recorded().await, Some(start + Duration::minutes(120)), "a rejected request is no use");
    env.store.fail_commit_after(0);
    assert!(enters(&env, &secret).await, "a use that cannot be recorded is accepted");
    assert_eq!(recorded().await, Some(start + Duration::minutes(120)));
}

#[tokio::test]
async fn two_concurrent_requests_record_one_use() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let secret = created(&env, &olena).await.secret;
    // Both requests read the unused app password while neither can write.
    let unit = env.ports.store.begin().await.unwrap();
    let later = async {
        env.clock.advance(Duration::minutes(1));
        enters(&env, &secret).await
    };
    let release = async { drop(unit) };
    let (first, second, ()) = tokio::join!(enters(&env, &secret), later, release);
    assert!(first && second);
    let password = list_app_passwords(&env.ports, &olena).await.unwrap().remove(0);
    assert_eq!(password.last_used_at, Some(samples::now()), "the second use is less than an hour later");
}
