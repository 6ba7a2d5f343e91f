//! Sign in, refresh, sign out.

use chrono::Duration;
use domain::{
    account::{AuthenticatePasswordError, Email, PasswordAttempt, register},
    audit::{AuditAction, AuditOutcome},
    client::ClientInfo,
    maintenance::sweep,
    session::{
        AuthenticateError, LoginCommand, LoginError, RefreshError, RefreshToken, SessionId, TokenPair, authenticate,
        list_sessions, login, logout, refresh,
    },
};
use testkit::{World, samples, world::PASSWORD};

const OLENA: &str = "olena@example.com";

pub(crate) async fn login_as(world: &World, email: &str) -> Result<TokenPair, LoginError> {
    login_with(world, email, PASSWORD).await
}

pub(crate) async fn login_with(world: &World, email: &str, password: &str) -> Result<TokenPair, LoginError> {
    let command = LoginCommand {
        email: Email::parse(email).ok(),
        password: PasswordAttempt::new(password),
        client: ClientInfo::new(None, Some("tests\r\n/1.0")),
        attempt: Vec::new(),
    };
    login(&world.ports, command).await
}

async fn signed_in(world: &World) -> TokenPair {
    world.verified(OLENA).await;
    login_as(world, OLENA).await.unwrap()
}

#[tokio::test]
async fn signing_in_gives_a_pair_that_names_the_user() {
    let world = World::default();
    let pair = signed_in(&world).await;
    assert_eq!(pair.expires_in, Duration::minutes(15));
    let principal = authenticate(&world.ports, &pair.access_token, World::client()).await.unwrap();
    assert_eq!(principal.user.email.as_str(), OLENA);
    assert_eq!(principal.session.client.user_agent.as_deref(), Some("tests/1.0"), "control characters are dropped");
}

#[tokio::test]
async fn every_refusal_costs_one_hash_and_says_nothing() {
    let world = World::default();
    world.verified(OLENA).await;
    world.passwords.take_work();
    let long = "x".repeat(10_000);
    let tries =
        [(OLENA, "wrong"), ("nobody@example.com", PASSWORD), ("no address", PASSWORD), (OLENA, &long), (OLENA, "")];
    for (email, password) in tries {
        let refused = login_with(&world, email, password).await;
        assert!(
            matches!(refused, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))),
            "{email} {password}"
        );
        assert_eq!(world.passwords.take_work(), 1, "{email}");
    }
}

#[tokio::test]
async fn unverified_is_told_only_after_the_right_password() {
    let world = World::default();
    world.registered(OLENA).await;
    world.passwords.take_work();
    let wrong = login_with(&world, OLENA, "wrong").await;
    assert!(matches!(wrong, Err(LoginError::Password(AuthenticatePasswordError::InvalidCredentials))));
    let right = login_as(&world, OLENA).await;
    assert!(matches!(right, Err(LoginError::Password(AuthenticatePasswordError::EmailNotVerified))));
    assert_eq!(world.passwords.take_work(), 2);
}

#[tokio::test]
async fn an_outdated_hash_is_made_anew_at_sign_in() {
    let world = World::default();
    world.verified(OLENA).await;
    world.passwords.change_parameters();
    world.passwords.take_work();
    login_as(&world, OLENA).await.unwrap();
    assert_eq!(world.passwords.take_work(), 2, "one to check, one to renew");
    login_as(&world, OLENA).await.unwrap();
    assert_eq!(world.passwords.take_work(), 1, "renewed");
}

#[tokio::test]
async fn a_refresh_token_is_rotated() {
    let world = World::default();
    let first = signed_in(&world).await;
    let second = refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    let third = refresh(&world.ports, &second.refresh_token.reveal(), &World::client()).await.unwrap();
    authenticate(&world.ports, &third.access_token, World::client()).await.unwrap();
    let unknown = RefreshToken { session: SessionId(samples::id()), secret: samples::secret() }.reveal();
    for made_up in ["", "nonsense", &samples::secret().reveal(), &unknown] {
        assert!(
            matches!(refresh(&world.ports, made_up, &World::client()).await, Err(RefreshError::Invalid)),
            "{made_up}"
        );
    }
}

fn client_at(address: &str) -> ClientInfo {
    ClientInfo::new(address.parse().ok(), Some("tests/1.0"))
}

/// The outcomes of the refreshes in the audit trail.
fn refreshes(world: &World) -> Vec<AuditOutcome> {
    let events = world.store.audit_events().into_iter();
    events.filter(|event| event.action == AuditAction::Refresh).map(|event| event.outcome).collect()
}

#[tokio::test]
async fn a_repeat_within_ten_seconds_gets_the_same_successor() {
    let world = World::default();
    let first = signed_in(&world).await;
    let token = first.refresh_token.reveal();
    let second = refresh(&world.ports, &token, &World::client()).await.unwrap();
    world.clock.advance(Duration::milliseconds(9_999));
    let repeated = refresh(&world.ports, &token, &World::client()).await.unwrap();
    assert_eq!(repeated.refresh_token, second.refresh_token);
    assert_eq!(refreshes(&world), [AuditOutcome::TokenRepeated], "every repeat is an event");
    authenticate(&world.ports, &repeated.access_token, World::client()).await.unwrap();
    refresh(&world.ports, &repeated.refresh_token.reveal(), &World::client()).await.unwrap();
}

#[tokio::test]
async fn the_grace_is_for_the_network_of_the_client_that_used_the_token() {
    for (owner, other, is_same) in [
        ("203.0.113.7", "203.0.113.250", true),
        ("203.0.113.7", "203.0.114.7", false),
        ("2001:db8:0:1::7", "2001:db8:0:ff::9", true),
        ("2001:db8:0:1::7", "2001:db8:0:100::9", false),
    ] {
        let world = World::default();
        let first = signed_in(&world).await.refresh_token.reveal();
        let second = refresh(&world.ports, &first, &client_at(owner)).await.unwrap();
        let repeated = refresh(&world.ports, &first, &client_at(other)).await;
        if is_same {
            assert_eq!(repeated.unwrap().refresh_token, second.refresh_token, "{owner} {other}");
        } else {
            assert!(matches!(repeated, Err(RefreshError::Reused { .. })), "{owner} {other}");
            assert_eq!(refreshes(&world), [AuditOutcome::TokenReused]);
            let ended = authenticate(&world.ports, &second.access_token, client_at(owner)).await;
            assert!(matches!(ended, Err(AuthenticateError::SessionEnded)), "the session ends at once");
        }
    }
}

#[tokio::test]
async fn a_thief_who_is_first_is_found_out_by_the_owner() {
    let world = World::default();
    let stolen = signed_in(&world).await.refresh_token.reveal();
    let theft = refresh(&world.ports, &stolen, &client_at("198.51.100.66")).await.unwrap();
    let owner = refresh(&world.ports, &stolen, &World::client()).await;
    assert!(matches!(owner, Err(RefreshError::Reused { .. })));
    let thief = refresh(&world.ports, &theft.refresh_token.reveal(), &client_at("198.51.100.66")).await;
    assert!(matches!(thief, Err(RefreshError::Invalid)));
}

#[tokio::test]
async fn any_other_token_of_a_living_session_ends_it() {
    let world = World::default();
    let other_device = signed_in(&world).await;
    let forgery = |pair: &TokenPair| RefreshToken { secret: samples::secret(), ..pair.refresh_token.clone() }.reveal();
    let first = login_as(&world, OLENA).await.unwrap();
    let second = refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await.unwrap();
    let third = refresh(&world.ports, &second.refresh_token.reveal(), &World::client()).await.unwrap();
    let never_issued = login_as(&world, OLENA).await.unwrap();
    for (token, present) in [(first.refresh_token.reveal(), third), (forgery(&never_issued), never_issued)] {
        let reused = refresh(&world.ports, &token, &World::client()).await;
        assert!(matches!(reused, Err(RefreshError::Reused { .. })), "also a token from several generations ago");
        let again = refresh(&world.ports, &present.refresh_token.reveal(), &World::client()).await;
        assert!(matches!(again, Err(RefreshError::Invalid)));
        let ended = authenticate(&world.ports, &present.access_token, World::client()).await;
        assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
    }
    authenticate(&world.ports, &other_device.access_token, World::client()).await.expect("another device goes on");
}

#[tokio::test]
async fn a_repeat_after_ten_seconds_ends_the_session() {
    let world = World::default();
    let first = signed_in(&world).await;
    let second = refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await.unwrap();
    world.clock.advance(Duration::seconds(10));
    let reused = refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await;
    assert!(matches!(reused, Err(RefreshError::Reused { .. })));
    let ended = authenticate(&world.ports, &second.access_token, World::client()).await;
    assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
}

#[tokio::test]
async fn of_101_sessions_the_longest_unused_ends() {
    let world = World::default();
    let first = signed_in(&world).await;
    for _ in 1..100 {
        world.clock.advance(Duration::seconds(1));
        login_as(&world, OLENA).await.unwrap();
    }
    world.clock.advance(Duration::seconds(1));
    let first =
        refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await.expect("all 100 are alive");
    let last = login_as(&world, OLENA).await.unwrap();
    let olena = authenticate(&world.ports, &last.access_token, World::client()).await.unwrap();
    let sessions = list_sessions(&world.ports, &olena).await.unwrap();
    assert_eq!(sessions.len(), 100);
    authenticate(&world.ports, &first.access_token, World::client()).await.expect("the first was used again");
}

#[tokio::test]
async fn a_session_ends_when_idle_and_when_old() {
    let world = World::default();
    let pair = signed_in(&world).await;
    world.clock.advance(Duration::days(7));
    assert!(
        matches!(
            refresh(&world.ports, &pair.refresh_token.reveal(), &World::client()).await,
            Err(RefreshError::Invalid)
        ),
        "idle"
    );
    assert!(matches!(
        authenticate(&world.ports, &pair.access_token, World::client()).await,
        Err(AuthenticateError::SessionEnded)
    ));

    let mut pair = login_as(&world, OLENA).await.unwrap();
    for _ in 0..5 {
        world.clock.advance(Duration::days(6) - Duration::seconds(1));
        if let Ok(next) = refresh(&world.ports, &pair.refresh_token.reveal(), &World::client()).await {
            pair = next;
        }
    }
    world.clock.advance(Duration::seconds(5));
    assert!(
        matches!(
            refresh(&world.ports, &pair.refresh_token.reveal(), &World::client()).await,
            Err(RefreshError::Invalid)
        ),
        "30 days"
    );
    assert_eq!(sweep(&world.ports).await.unwrap().sessions, 2, "and both are removed");
}

#[tokio::test]
async fn signing_out_ends_this_session_only() {
    let world = World::default();
    let (here, there) = (signed_in(&world).await, login_as(&world, OLENA).await.unwrap());
    let principal = authenticate(&world.ports, &here.access_token, World::client()).await.unwrap();
    logout(&world.ports, &principal).await.unwrap();
    logout(&world.ports, &principal).await.expect("twice is no error");
    assert!(matches!(
        authenticate(&world.ports, &here.access_token, World::client()).await,
        Err(AuthenticateError::SessionEnded)
    ));
    assert!(matches!(
        refresh(&world.ports, &here.refresh_token.reveal(), &World::client()).await,
        Err(RefreshError::Invalid)
    ));
    authenticate(&world.ports, &there.access_token, World::client()).await.unwrap();
}

#[tokio::test]
async fn a_token_nobody_issued_names_nobody() {
    let world = World::default();
    register(&world.ports, World::registrant(OLENA)).await.unwrap();
    let refused = authenticate(&world.ports, "access-0", World::client()).await;
    assert!(matches!(refused, Err(AuthenticateError::InvalidToken(_))));
}
