//! Wrong passwords and known devices.

use std::{num::NonZeroU32, time::Duration};

use domain::{
    Ports,
    account::{Email, Password, PasswordAttempt},
    client::ClientInfo,
    limit::{Limit, Quota, Requester, is_admitted},
    session::TokenPair,
    use_cases::{
        account::{forgot_password, reset_password},
        admit_request,
        session::{LoginCommand, LoginError, login},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

const OLENA: &str = "olena@example.com";
/// Quota of wrong passwords of an account, with the rate of these tests.
const OF_THE_ACCOUNT: usize = 20;
/// The same, from one known device.
const OF_A_DEVICE: usize = 4;

/// One attempt a minute from one network, so twenty wrong passwords an account in four hours.
fn limited(env: &TestEnvironment) -> Ports {
    let mut ports = env.ports.clone();
    ports.policy.rates.login = Some(Quota::new(NonZeroU32::MIN, Duration::from_secs(60)));
    ports
}

fn client(address: &str, agent: &str) -> ClientInfo {
    ClientInfo::new(address.parse().ok(), Some(agent))
}

/// Another network of the world for each number.
fn guesser(number: usize) -> ClientInfo {
    client(&format!("198.51.{}.{}", number / 250, number % 250), "guesser/1.0")
}

/// Tries to sign in as the service does. `None`: rejected by a limit.
async fn try_once(
    ports: &Ports,
    from: &ClientInfo,
    address: &str,
    password: &str,
) -> Option<Result<TokenPair, LoginError>> {
    let email = Email::parse(address).unwrap();
    let requester = Requester { account: Some(&email), ..Requester::unknown(from) };
    let admission = admit_request(ports, &[Limit::Login], &requester).await.unwrap();
    if !is_admitted(&admission.counted) {
        return None;
    }
    let (password, client) = (PasswordAttempt::new(password), from.clone());
    Some(login(ports, LoginCommand { email: Some(email), password, client, attempt: admission.attempt }).await)
}

/// Number of wrong passwords from all networks that are checked.
async fn wrong_passwords(ports: &Ports, address: &str, times: usize) -> usize {
    let mut tried = 0;
    for number in 0..times {
        tried += usize::from(try_once(ports, &guesser(number), address, "wrong").await.is_some());
    }
    tried
}

#[tokio::test]
async fn correct_password_is_not_counted_against_the_account() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.verified(OLENA).await;
    for number in 0..3 * OF_THE_ACCOUNT {
        let device = ClientInfo { user_agent: Some("Browser/1.0".to_owned()), ..guesser(number) };
        let outcome = try_once(&ports, &device, OLENA, PASSWORD).await;
        assert!(matches!(outcome, Some(Ok(_))), "{number}: {outcome:?}");
    }
    assert_eq!(wrong_passwords(&ports, OLENA, 40).await, 0, "each of those networks has used up its own minute");
    env.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(wrong_passwords(&ports, OLENA, 40).await, OF_THE_ACCOUNT);
}

#[tokio::test]
async fn correct_password_of_an_unverified_account_is_not_counted() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.registered(OLENA).await;
    for number in 0..2 * OF_THE_ACCOUNT {
        let outcome = try_once(&ports, &guesser(number), OLENA, PASSWORD).await;
        assert!(matches!(outcome, Some(Err(_))), "{number}: {outcome:?}");
    }
}

#[tokio::test]
async fn wrong_password_quota_is_restored_over_four_hours() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.verified(OLENA).await;
    for address in [OLENA, "nobody@example.com"] {
        assert_eq!(wrong_passwords(&ports, address, 100).await, OF_THE_ACCOUNT, "{address}");
    }
    env.clock.advance(chrono::Duration::minutes(10));
    assert_eq!(wrong_passwords(&ports, OLENA, 100).await, 0, "ten minutes bring nothing back");
    env.clock.advance(chrono::Duration::minutes(2));
    assert_eq!(wrong_passwords(&ports, OLENA, 100).await, 1, "twelve minutes one");
    env.clock.advance(chrono::Duration::hours(4));
    assert_eq!(wrong_passwords(&ports, OLENA, 100).await, OF_THE_ACCOUNT);
}

#[tokio::test]
async fn known_device_signs_in_while_account_limit_is_exhausted() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.verified(OLENA).await;
    let (laptop, other) = (client("203.0.113.7", "Browser/1.0"), client("203.0.113.7", "Telephone/1.0"));
    assert!(matches!(try_once(&ports, &laptop, OLENA, PASSWORD).await, Some(Ok(_))));
    env.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(wrong_passwords(&ports, OLENA, 100).await, OF_THE_ACCOUNT);

    for other_client in [&other, &client("203.0.114.7", "Browser/1.0"), &guesser(3000)] {
        assert!(try_once(&ports, other_client, OLENA, PASSWORD).await.is_none(), "{other_client:?}");
    }
    for _ in 0..3 * OF_A_DEVICE {
        assert!(
            matches!(try_once(&ports, &laptop, OLENA, PASSWORD).await, Some(Ok(_))),
            "right passwords cost nothing"
        );
        env.clock.advance(chrono::Duration::minutes(1));
    }
}

#[tokio::test]
async fn known_device_has_its_own_wrong_password_limit() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.verified(OLENA).await;
    let laptop = client("203.0.113.7", "Browser/1.0");
    assert!(matches!(try_once(&ports, &laptop, OLENA, PASSWORD).await, Some(Ok(_))));
    env.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(wrong_passwords(&ports, OLENA, 100).await, OF_THE_ACCOUNT);
    let mut tried = 0;
    for host in 7..30 {
        // The same site, so the same device; another IP, so the counters of IPs have room.
        let device = client(&format!("203.0.113.{host}"), "Browser/1.0");
        tried += usize::from(try_once(&ports, &device, OLENA, "wrong").await.is_some());
    }
    // The IP that has just signed in is one of them.
    assert_eq!(tried, OF_A_DEVICE);
}

#[tokio::test]
async fn device_of_a_password_reset_can_sign_in() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.verified(OLENA).await;
    wrong_passwords(&ports, OLENA, 100).await;
    let here = client("203.0.113.7", "Browser/1.0");
    assert!(try_once(&ports, &here, OLENA, PASSWORD).await.is_none());
    let new = "another good phrase";
    forgot_password(&ports, Email::parse(OLENA).unwrap(), &here).await.unwrap();
    let token = env.token_from_mail().await;
    reset_password(&ports, &token, &Password::parse(new).unwrap(), true, &here).await.unwrap();
    assert!(matches!(try_once(&ports, &here, OLENA, new).await, Some(Ok(_))));
}

#[tokio::test]
async fn known_device_is_counted_for_the_account_while_another_counter_rejects() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    env.verified(OLENA).await;
    let (laptop, email) = (client("203.0.113.7", "Browser/1.0"), Email::parse(OLENA).unwrap());
    assert!(matches!(try_once(&ports, &laptop, OLENA, PASSWORD).await, Some(Ok(_))));
    let requester = Requester { account: Some(&email), ..Requester::unknown(&laptop) };
    let counted = admit_request(&ports, &[Limit::Login], &requester).await.unwrap().counted;
    let found: Vec<_> = counted.iter().map(|counted| (counted.counter, counted.decision.allowed)).collect();
    assert_eq!(found, [("login", false), ("login-address", true), ("login-account", true)]);
}

#[tokio::test]
async fn rejected_sign_in_leaves_no_count_to_reverse() {
    let env = TestEnvironment::default();
    let ports = limited(&env);
    let email = Email::parse(OLENA).unwrap();
    let from = guesser(1);
    let requester = Requester { account: Some(&email), ..Requester::unknown(&from) };
    for (is_allowed, counts) in [(true, 1), (false, 0)] {
        let admission = admit_request(&ports, &[Limit::Login], &requester).await.unwrap();
        assert_eq!((is_admitted(&admission.counted), admission.attempt.len()), (is_allowed, counts));
    }
}
