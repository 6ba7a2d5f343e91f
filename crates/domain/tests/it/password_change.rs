//! A change of the password with the current one.

use domain::{
    account::{Password, PasswordAttempt},
    text::Invalid,
    use_cases::{
        account::{ChangePasswordError, change_password},
        session::{AuthenticateError, RefreshError, authenticate, list_sessions, refresh},
        steps::ConfirmPasswordError,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

use crate::sessions::{login_as, login_with};

const OLENA: &str = "olena@example.com";

#[tokio::test]
async fn password_change_needs_current_password_and_ends_earlier_sessions() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let there = login_as(&env, OLENA).await.unwrap();
    let in_hand = login_as(&env, OLENA).await.unwrap();
    let here = authenticate(&env.ports, &in_hand.access_token, TestEnvironment::client()).await.unwrap();
    let new = Password::parse("another good phrase").unwrap();
    let wrong = change_password(&env.ports, &here, &PasswordAttempt::new("wrong"), &new).await;
    assert!(matches!(wrong, Err(ChangePasswordError::Current(ConfirmPasswordError::WrongPassword))));
    let derived = Password::parse("olena@example.com!").unwrap();
    let derived = change_password(&env.ports, &here, &PasswordAttempt::new(PASSWORD), &derived).await;
    assert!(matches!(derived, Err(ChangePasswordError::New(Invalid::PasswordSelfDerived))), "{derived:?}");
    let pair = change_password(&env.ports, &here, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
    for earlier in [there, in_hand] {
        let ended = authenticate(&env.ports, &earlier.access_token, TestEnvironment::client()).await;
        assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
        let ended = refresh(&env.ports, &earlier.refresh_token.reveal(), &TestEnvironment::client()).await;
        assert!(matches!(ended, Err(RefreshError::Invalid)));
    }
    let here = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    assert_eq!(list_sessions(&env.ports, &here).await.unwrap(), [here.session], "the new pair is of the only session");
    login_with(&env, OLENA, "another good phrase").await.unwrap();
}
