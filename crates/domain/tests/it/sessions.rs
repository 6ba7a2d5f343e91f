//! Sign-in, refresh, sign-out.

use chrono::Duration;
use domain::{
    account::{Email, PasswordAttempt},
    audit::{AuditAction, AuditOutcome},
    client::ClientInfo,
    ids::SessionId,
    session::{AccessClaims, RefreshToken, TokenPair},
    use_cases::{
        account::register,
        background::sweep,
        session::{
            AuthenticateError, LoginCommand, LoginError, RefreshError, authenticate, list_sessions, login, logout,
            refresh,
        },
        steps::AuthenticatePasswordError,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

const OLENA: &str = "olena@example.com";

pub(crate) async fn login_as(env: &TestEnvironment, email: &str) -> Result<TokenPair, LoginError> {
    login_with(env, email, PASSWORD).await
}

pub(crate) async fn login_with(env: &TestEnvironment, email: &str, password: &str) -> Result<TokenPair, LoginError> {
    let command = LoginCommand {
        email: Email::parse(email).ok(),
        password: PasswordAttempt::new(password),
        client: ClientInfo::new(None, Some("tests\r\n/1.0")),
        attempt: Vec::new(),
    };
    login(&env.ports, command).await
}

async fn signed_in(env: &TestEnvironment) -> TokenPair {
    env.verified(OLENA).await;
    login_as(env, OLENA).await.unwrap()
}

#[tokio::test]
async fn login_returns_tokens_of_the_user() {
    let env = TestEnvironment::default();
    let pair = signed_in(&env).await;
    assert_eq!(pair.expires_in, Duration::minutes(15));
    let principal = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    assert_eq!(principal.user.email.as_str(), OLENA);
    assert_eq!(principal.session.client.user_agent.as_deref(), Some("tests/1.0"), "control characters are dropped");
}

#[tokio::test]
async fn rejected_logins_cost_one_hash_and_return_one_error() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.passwords.take_work();
    let long = "x".repeat(10_000);
    let tries =
        [(OLENA, "wrong"), ("nobody@example.com", PASSWORD), ("no address", PASSWORD), (OLENA, &long), (OLENA, "")];
    for (email, password) in tries {
        let rejected = login_with(&env, email, password).await;
        assert!(
            matches!(rejected, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))),
            "{email} {password}"
        );
        assert_eq!(env.passwords.take_work(), 1, "{email}");
    }
}

#[tokio::test]
async fn unverified_email_is_reported_only_with_the_correct_password() {
    let env = TestEnvironment::default();
    env.registered(OLENA).await;
    env.passwords.take_work();
    let wrong = login_with(&env, OLENA, "wrong").await;
    assert!(matches!(wrong, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))));
    let right = login_as(&env, OLENA).await;
    assert!(matches!(right, Err(LoginError::Password(AuthenticatePasswordError::EmailNotVerified))));
    assert_eq!(env.passwords.take_work(), 2);
}

#[tokio::test]
async fn outdated_password_hash_is_replaced_at_login() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.passwords.change_parameters();
    env.passwords.take_work();
    login_as(&env, OLENA).await.unwrap();
    assert_eq!(env.passwords.take_work(), 2, "one to check, one to renew");
    login_as(&env, OLENA).await.unwrap();
    assert_eq!(env.passwords.take_work(), 1, "renewed");
}

#[tokio::test]
async fn refresh_token_is_rotated() {
    let env = TestEnvironment::default();
    let first = signed_in(&env).await;
    let second = refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    let third = refresh(&env.ports, &second.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
    authenticate(&env.ports, &third.access_token, TestEnvironment::client()).await.unwrap();
    let unknown = RefreshToken { session: SessionId(samples::id()), secret: samples::secret() }.reveal();
    for made_up in ["", "nonsense", &samples::secret().reveal(), &unknown] {
        assert!(
            matches!(refresh(&env.ports, made_up, &TestEnvironment::client()).await, Err(RefreshError::Invalid)),
            "{made_up}"
        );
    }
}

fn client_at(address: &str) -> ClientInfo {
    ClientInfo::new(address.parse().ok(), Some("tests/1.0"))
}

/// The outcomes of the refreshes in the audit trail.
fn refreshes(env: &TestEnvironment) -> Vec<AuditOutcome> {
    let events = env.store.audit_events().into_iter();
    events.filter(|event| event.action == AuditAction::Refresh).map(|event| event.outcome).collect()
}

#[tokio::test]
async fn refresh_repeated_within_ten_seconds_returns_the_same_token() {
    let env = TestEnvironment::default();
    let first = signed_in(&env).await;
    let token = first.refresh_token.reveal();
    let second = refresh(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    env.clock.advance(Duration::milliseconds(9_999));
    let repeated = refresh(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    assert_eq!(repeated.refresh_token, second.refresh_token);
    assert_eq!(refreshes(&env), [AuditOutcome::TokenRepeated], "every repeat is an event");
    authenticate(&env.ports, &repeated.access_token, TestEnvironment::client()).await.unwrap();
    refresh(&env.ports, &repeated.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
}

#[tokio::test]
async fn repeated_refresh_is_accepted_only_from_the_same_network() {
    for (owner, other, is_same) in [
        ("203.0.113.7", "203.0.113.250", true),
        ("203.0.113.7", "203.0.114.7", false),
        ("2001:db8:0:1::7", "2001:db8:0:ff::9", true),
        ("2001:db8:0:1::7", "2001:db8:0:100::9", false),
    ] {
        let env = TestEnvironment::default();
        let first = signed_in(&env).await.refresh_token.reveal();
        let second = refresh(&env.ports, &first, &client_at(owner)).await.unwrap();
        let repeated = refresh(&env.ports, &first, &client_at(other)).await;
        if is_same {
            assert_eq!(repeated.unwrap().refresh_token, second.refresh_token, "{owner} {other}");
        } else {
            assert!(matches!(repeated, Err(RefreshError::Reused { .. })), "{owner} {other}");
            assert_eq!(refreshes(&env), [AuditOutcome::TokenReused]);
            let ended = authenticate(&env.ports, &second.access_token, client_at(owner)).await;
            assert!(matches!(ended, Err(AuthenticateError::SessionEnded)), "the session ends at once");
        }
    }
}

#[tokio::test]
async fn reuse_of_a_stolen_refresh_token_ends_the_session() {
    let env = TestEnvironment::default();
    let stolen = signed_in(&env).await.refresh_token.reveal();
    let theft = refresh(&env.ports, &stolen, &client_at("198.51.100.66")).await.unwrap();
    let owner = refresh(&env.ports, &stolen, &TestEnvironment::client()).await;
    assert!(matches!(owner, Err(RefreshError::Reused { .. })));
    let thief = refresh(&env.ports, &theft.refresh_token.reveal(), &client_at("198.51.100.66")).await;
    assert!(matches!(thief, Err(RefreshError::Invalid)));
}

#[tokio::test]
async fn old_or_forged_refresh_token_ends_the_session() {
    let env = TestEnvironment::default();
    let other_device = signed_in(&env).await;
    let forgery = |pair: &TokenPair| RefreshToken { secret: samples::secret(), ..pair.refresh_token.clone() }.reveal();
    let first = login_as(&env, OLENA).await.unwrap();
    let second = refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
    let third = refresh(&env.ports, &second.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
    let never_issued = login_as(&env, OLENA).await.unwrap();
    for (token, current) in [(first.refresh_token.reveal(), third), (forgery(&never_issued), never_issued)] {
        let reused = refresh(&env.ports, &token, &TestEnvironment::client()).await;
        assert!(matches!(reused, Err(RefreshError::Reused { .. })), "also a token from several generations ago");
        let again = refresh(&env.ports, &current.refresh_token.reveal(), &TestEnvironment::client()).await;
        assert!(matches!(again, Err(RefreshError::Invalid)));
        let ended = authenticate(&env.ports, &current.access_token, TestEnvironment::client()).await;
        assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
    }
    authenticate(&env.ports, &other_device.access_token, TestEnvironment::client())
        .await
        .expect("another device goes on");
}

#[tokio::test]
async fn refresh_repeated_after_the_clock_was_set_back_ends_the_session() {
    let env = TestEnvironment::default();
    let first = signed_in(&env).await;
    refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
    env.clock.advance(Duration::seconds(-10));
    let reused = refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client()).await;
    assert!(matches!(reused, Err(RefreshError::Reused { .. })));
}

#[tokio::test]
async fn refresh_repeated_after_ten_seconds_ends_the_session() {
    let env = TestEnvironment::default();
    let first = signed_in(&env).await;
    let second = refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client()).await.unwrap();
    env.clock.advance(Duration::seconds(10));
    let reused = refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client()).await;
    assert!(matches!(reused, Err(RefreshError::Reused { .. })));
    let ended = authenticate(&env.ports, &second.access_token, TestEnvironment::client()).await;
    assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
}

#[tokio::test]
async fn login_beyond_100_sessions_ends_the_longest_unused() {
    let env = TestEnvironment::default();
    let first = signed_in(&env).await;
    for _ in 1..100 {
        env.clock.advance(Duration::seconds(1));
        login_as(&env, OLENA).await.unwrap();
    }
    env.clock.advance(Duration::seconds(1));
    let first = refresh(&env.ports, &first.refresh_token.reveal(), &TestEnvironment::client())
        .await
        .expect("all 100 are alive");
    let last = login_as(&env, OLENA).await.unwrap();
    let olena = authenticate(&env.ports, &last.access_token, TestEnvironment::client()).await.unwrap();
    let sessions = list_sessions(&env.ports, &olena).await.unwrap();
    assert_eq!(sessions.len(), 100);
    authenticate(&env.ports, &first.access_token, TestEnvironment::client()).await.expect("the first was used again");
}

#[tokio::test]
async fn session_expires_after_7_idle_days_or_30_days() {
    let env = TestEnvironment::default();
    let pair = signed_in(&env).await;
    let claims = env.ports.access_tokens.verify(&pair.access_token).unwrap();
    env.clock.advance(Duration::days(7));
    assert!(
        matches!(
            refresh(&env.ports, &pair.refresh_token.reveal(), &TestEnvironment::client()).await,
            Err(RefreshError::Invalid)
        ),
        "idle"
    );
    // The first access token has expired, too.
    let valid = AccessClaims { expires_at: env.ports.clock.now() + Duration::minutes(15), ..claims };
    let valid = env.ports.access_tokens.issue(&valid).unwrap();
    assert!(matches!(
        authenticate(&env.ports, &valid, TestEnvironment::client()).await,
        Err(AuthenticateError::SessionEnded)
    ));

    let mut pair = login_as(&env, OLENA).await.unwrap();
    for _ in 0..5 {
        env.clock.advance(Duration::days(6) - Duration::seconds(1));
        if let Ok(next) = refresh(&env.ports, &pair.refresh_token.reveal(), &TestEnvironment::client()).await {
            pair = next;
        }
    }
    env.clock.advance(Duration::seconds(5));
    assert!(
        matches!(
            refresh(&env.ports, &pair.refresh_token.reveal(), &TestEnvironment::client()).await,
            Err(RefreshError::Invalid)
        ),
        "30 days"
    );
    assert_eq!(sweep(&env.ports).await.unwrap().sessions, 2, "and both are removed");
}

#[tokio::test]
async fn logout_ends_only_the_current_session() {
    let env = TestEnvironment::default();
    let (here, there) = (signed_in(&env).await, login_as(&env, OLENA).await.unwrap());
    let principal = authenticate(&env.ports, &here.access_token, TestEnvironment::client()).await.unwrap();
    logout(&env.ports, &principal).await.unwrap();
    logout(&env.ports, &principal).await.expect("twice is no error");
    assert!(matches!(
        authenticate(&env.ports, &here.access_token, TestEnvironment::client()).await,
        Err(AuthenticateError::SessionEnded)
    ));
    assert!(matches!(
        refresh(&env.ports, &here.refresh_token.reveal(), &TestEnvironment::client()).await,
        Err(RefreshError::Invalid)
    ));
    authenticate(&env.ports, &there.access_token, TestEnvironment::client()).await.unwrap();
}

#[tokio::test]
async fn unknown_access_token_is_rejected() {
    let env = TestEnvironment::default();
    register(&env.ports, TestEnvironment::registrant(OLENA)).await.unwrap();
    let rejected = authenticate(&env.ports, "access-0", TestEnvironment::client()).await;
    assert!(matches!(rejected, Err(AuthenticateError::InvalidToken(_))));
}

#[tokio::test]
async fn session_of_an_unverified_user_is_rejected() {
    let env = TestEnvironment::default();
    let user = env.registered(OLENA).await.id;
    let session = samples::session(user);
    let mut unit = env.ports.store.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.commit().await.unwrap();
    let (issued_at, token_id) = (samples::now(), samples::id());
    let expires_at = issued_at + Duration::minutes(15);
    let claims = AccessClaims { user, session: session.id, token_id, issued_at, expires_at };
    let token = env.ports.access_tokens.issue(&claims).unwrap();
    let outcome = authenticate(&env.ports, &token, TestEnvironment::client()).await;
    assert!(matches!(outcome, Err(AuthenticateError::EmailNotVerified)), "{outcome:?}");
}

#[tokio::test]
async fn access_token_expires_after_its_lifetime() {
    let env = TestEnvironment::default();
    let pair = signed_in(&env).await;
    let claims = env.ports.access_tokens.verify(&pair.access_token).unwrap();
    assert_eq!((claims.issued_at, claims.expires_at), (samples::now(), samples::now() + Duration::minutes(15)));
    assert_eq!(pair.expires_in, Duration::minutes(15));
}

#[tokio::test]
async fn expired_access_token_is_rejected() {
    let env = TestEnvironment::default();
    env.clock.advance(Duration::milliseconds(999));
    let pair = signed_in(&env).await;
    // Its times are whole seconds.
    let expires_at = samples::now() + Duration::minutes(15);
    env.clock.set(expires_at - Duration::microseconds(1));
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    env.clock.set(expires_at);
    let expired = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await;
    assert!(matches!(expired, Err(AuthenticateError::InvalidToken(_))), "{expired:?}");
}
