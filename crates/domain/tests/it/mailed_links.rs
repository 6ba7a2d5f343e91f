//! Mailed links: a new password and a confirmed e-mail end those that were requested before.

use domain::{
    account::{Email, OneTimeToken, Password, PasswordAttempt, Purpose, UserQueries as _},
    ids::UserId,
    session::Principal,
    use_cases::{
        account::{
            ResetPasswordError, change_password, confirm_email, forgot_password, request_email_change,
            resend_email_change, reset_password,
        },
        session::authenticate,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

use crate::sessions::login_as;

const OLENA: &str = "olena@example.com";

async fn signed_in(env: &TestEnvironment) -> Principal {
    env.verified(OLENA).await;
    let pair = login_as(env, OLENA).await.unwrap();
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap()
}

async fn reset_token(env: &TestEnvironment) -> String {
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    env.token_from_mail().await
}

async fn purposes(env: &TestEnvironment, user: UserId) -> Vec<Purpose> {
    let tokens: Vec<OneTimeToken> = env.store.one_time_tokens_of(user).await.unwrap();
    tokens.iter().map(|token| token.purpose).collect()
}

#[tokio::test]
async fn new_password_ends_earlier_links_to_reset_it() {
    for resets in [true, false] {
        let env = TestEnvironment::default();
        let olena = signed_in(&env).await;
        let earlier = reset_token(&env).await;
        let new = Password::parse("another good phrase").unwrap();
        if resets {
            let later = reset_token(&env).await;
            reset_password(&env.ports, &later, &new, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&env.ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
        }
        let third = Password::parse("one more good phrase").unwrap();
        let outcome = reset_password(&env.ports, &earlier, &third, &TestEnvironment::client()).await;
        assert!(matches!(outcome, Err(ResetPasswordError::TokenInvalid)), "{outcome:?}");
        assert_eq!(purposes(&env, olena.user.id).await, []);
    }
}

#[tokio::test]
async fn confirmed_email_ends_every_link_to_confirm_it() {
    let env = TestEnvironment::default();
    let olena = signed_in(&env).await;
    let new = Email::parse("new@example.com").unwrap();
    request_email_change(&env.ports, &olena, new.clone(), &PasswordAttempt::new(PASSWORD)).await.unwrap();
    let token = env.token_from_mail().await;
    resend_email_change(&env.ports, new).await.unwrap();
    env.token_from_mail().await;
    assert_eq!(purposes(&env, olena.user.id).await, [Purpose::ChangeEmail; 2]);
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    assert_eq!(purposes(&env, olena.user.id).await, []);
}
