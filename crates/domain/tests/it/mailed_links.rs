//! Mailed links: a new password and a confirmed e-mail end those that were requested before.

use chrono::Duration;
use domain::{
    account::{Email, OneTimeToken, Password, PasswordAttempt, Purpose, UserQueries as _},
    ids::UserId,
    mail::{MailContent, OutgoingMail},
    session::SignedInUser,
    use_cases::{
        account::{
            ConfirmEmailError, ResetPasswordError, change_password, confirm_email, forgot_password,
            request_email_change, resend_email_change, reset_password, revert_email,
        },
        background::deliver_due_mail,
        session::authenticate,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

use crate::sessions::login_as;

const OLENA: &str = "olena@example.com";
const THIEF: &str = "thief@example.com";

async fn signed_in(env: &TestEnvironment) -> SignedInUser {
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
            reset_password(&env.ports, &later, &new, true, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&env.ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
        }
        let third = Password::parse("one more good phrase").unwrap();
        let outcome = reset_password(&env.ports, &earlier, &third, true, &TestEnvironment::client()).await;
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
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.expect("a second press is no error");
    env.clock.advance(OneTimeToken::REPEATABLE_FOR);
    let later = confirm_email(&env.ports, &token, &TestEnvironment::client()).await;
    assert!(matches!(later, Err(ConfirmEmailError::TokenInvalid)));
}

/// Changes the e-mail of the user who signs in with `from`, and returns the token that reverts it.
async fn change_email(env: &TestEnvironment, from: &str, to: &str) -> String {
    let pair = login_as(env, from).await.unwrap();
    let user = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    let password = PasswordAttempt::new(PASSWORD);
    request_email_change(&env.ports, &user, Email::parse(to).unwrap(), &password).await.unwrap();
    let token = env.token_from_mail().await;
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    let token = |mail: OutgoingMail| match mail.content {
        MailContent::EmailChanged { token, .. } => Some(token.reveal()),
        _ => None,
    };
    env.mailer.take_sent().into_iter().find_map(token).unwrap()
}

#[tokio::test]
async fn reverted_email_ends_every_other_link_of_the_account() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    let revert = change_email(&env, OLENA, THIEF).await;
    let pair = login_as(&env, THIEF).await.unwrap();
    let thief = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    let another = Email::parse("another@example.com").unwrap();
    request_email_change(&env.ports, &thief, another, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    forgot_password(&env.ports, Email::parse(THIEF).unwrap(), &TestEnvironment::client()).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    assert_eq!(purposes(&env, olena.id).await.len(), 3);
    revert_email(&env.ports, &revert, &TestEnvironment::client()).await.unwrap();
    assert_eq!(purposes(&env, olena.id).await, []);
}

#[tokio::test]
async fn email_that_the_account_has_again_is_reverted_to() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let revert = change_email(&env, OLENA, THIEF).await;
    env.clock.advance(Duration::seconds(1));
    change_email(&env, THIEF, OLENA).await;
    revert_email(&env.ports, &revert, &TestEnvironment::client()).await.unwrap();
    login_as(&env, OLENA).await.unwrap_err();
}
