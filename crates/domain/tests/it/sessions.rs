//! Sign in, refresh, sign out.

use chrono::Duration;
use domain::{
    account::{AuthenticatePasswordError, Email, PasswordAttempt, register},
    client::ClientInfo,
    maintenance::sweep,
    session::{
        AuthenticateError, LoginCommand, LoginError, RefreshError, TokenPair, authenticate, login, logout, refresh,
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
    for made_up in ["", "nonsense", &samples::secret().reveal()] {
        assert!(
            matches!(refresh(&world.ports, made_up, &World::client()).await, Err(RefreshError::Invalid)),
            "{made_up}"
        );
    }
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
    authenticate(&world.ports, &repeated.access_token, World::client()).await.unwrap();
    refresh(&world.ports, &repeated.refresh_token.reveal(), &World::client()).await.unwrap();
}

#[tokio::test]
async fn a_later_repeat_ends_the_session_for_the_thief_and_the_owner() {
    let world = World::default();
    let first = signed_in(&world).await;
    let other_device = login_as(&world, OLENA).await.unwrap();
    let second = refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await.unwrap();
    let third = refresh(&world.ports, &second.refresh_token.reveal(), &World::client()).await.unwrap();
    world.clock.advance(Duration::seconds(10));
    let reused = refresh(&world.ports, &first.refresh_token.reveal(), &World::client()).await;
    assert!(matches!(reused, Err(RefreshError::Reused { .. })), "also a token from several generations ago");
    assert!(matches!(
        refresh(&world.ports, &third.refresh_token.reveal(), &World::client()).await,
        Err(RefreshError::Invalid)
    ));
    let ended = authenticate(&world.ports, &third.access_token, World::client()).await;
    assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
    authenticate(&world.ports, &other_device.access_token, World::client()).await.expect("another device goes on");
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
    assert_eq!(sweep(&world.ports).await.unwrap().sessions, 2, "and both are swept away");
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
    register(&world.ports, World::newcomer(OLENA)).await.unwrap();
    let refused = authenticate(&world.ports, "access-0", World::client()).await;
    assert!(matches!(refused, Err(AuthenticateError::InvalidToken(_))));
}
