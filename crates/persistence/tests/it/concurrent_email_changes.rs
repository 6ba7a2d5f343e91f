//! Concurrent changes of e-mails.

use std::{sync::Arc, time::Duration};

use domain::{
    account::{Email, OneTimeToken, PasswordAttempt, PasswordHash, Purpose, User, UserQueries as _},
    ids::UserId,
    store::{Store as _, UnitOfWork},
    use_cases::{
        account::{
            ConfirmEmailError, RevertEmailError, confirm_email, request_email_change, resend_email_change, revert_email,
        },
        background::deliver_due_mail,
        session::{LoginCommand, authenticate, login},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use crate::{
    concurrency::blocked,
    databases::{Kind, TestDatabase},
};

on_both!(
    email_verified_while_a_revert_waits_for_it_is_taken,
    email_given_up_while_a_revert_waits_for_it_is_restored,
    email_registered_during_a_revert_is_restored,
    mutual_email_reverts_do_not_deadlock,
    email_confirmation_waits_for_password_change_and_is_rejected,
    no_email_link_is_created_during_a_password_change,
);

/// Each reverts to the e-mail that the other has verified.
async fn mutual_email_reverts_do_not_deadlock(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let users = [env.verified("olena@example.com").await, env.verified("petro@example.com").await];
    let secrets = [samples::secret(), samples::secret()];
    let mut unit = store.begin().await.unwrap();
    for (number, secret) in secrets.iter().enumerate() {
        let (digest, purpose) = (secret.digest(), Purpose::RevertEmail);
        let (user, email) = (users[number].id, users[1 - number].email.clone());
        let expires_at = samples::now() + chrono::Duration::days(1);
        unit.insert_one_time_token(&OneTimeToken { digest, purpose, user, email, expires_at }).await.unwrap();
    }
    unit.commit().await.unwrap();

    let mut holder = store.begin().await.unwrap();
    holder.lock_user(users[1].id).await.unwrap().unwrap();
    let (ports, token) = (env.ports.clone(), secrets[0].reveal());
    let revert = async move { revert_email(&ports, &token, &TestEnvironment::client()).await };
    let outcome = if database.kind == Kind::Sqlite {
        // It has one writer at a time.
        let waiting = blocked(revert).await;
        drop(holder);
        waiting.await.unwrap()
    } else {
        tokio::time::timeout(Duration::from_secs(5), revert).await.expect("it must not wait for the other user")
    };
    assert!(matches!(outcome, Err(RevertEmailError::EmailTaken)), "{outcome:?}");
}

/// A user who may revert to the e-mail of another one, who has not verified it, and the token for it.
async fn start_email_revert(env: &TestEnvironment) -> (UserId, UserId, String) {
    let (user, holder) = (env.verified("olena@example.com").await, env.registered("petro@example.com").await);
    let secret = samples::secret();
    let (digest, purpose, email) = (secret.digest(), Purpose::RevertEmail, holder.email);
    let expires_at = samples::now() + chrono::Duration::days(1);
    let mut unit = env.ports.store.begin().await.unwrap();
    unit.insert_one_time_token(&OneTimeToken { digest, purpose, user: user.id, email, expires_at }).await.unwrap();
    unit.commit().await.unwrap();
    (user.id, holder.id, secret.reveal())
}

async fn email_verified_while_a_revert_waits_for_it_is_taken(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let (user, holder, token) = start_email_revert(&env).await;
    let mut verifying = store.begin().await.unwrap();
    let locked = verifying.lock_user(holder).await.unwrap().unwrap();
    let ports = env.ports.clone();
    let reverting = blocked(async move { revert_email(&ports, &token, &TestEnvironment::client()).await }).await;
    verifying.mark_email_verified(holder, &locked.email).await.unwrap();
    verifying.commit().await.unwrap();
    let outcome = reverting.await.unwrap();
    assert!(matches!(outcome, Err(RevertEmailError::EmailTaken)), "{outcome:?}");
    assert_eq!(store.credentials_of(user).await.unwrap().unwrap().user.email.as_str(), "olena@example.com");
}

async fn email_given_up_while_a_revert_waits_for_it_is_restored(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let (user, holder, token) = start_email_revert(&env).await;
    let mut changing = store.begin().await.unwrap();
    changing.lock_user(holder).await.unwrap().unwrap();
    let ports = env.ports.clone();
    let reverting = blocked(async move { revert_email(&ports, &token, &TestEnvironment::client()).await }).await;
    changing.change_email(holder, &Email::parse("ivan@example.com").unwrap()).await.unwrap();
    changing.commit().await.unwrap();
    reverting.await.unwrap().unwrap();
    let email = async |id| store.credentials_of(id).await.unwrap().map(|found| found.user.email.as_str().to_owned());
    assert_eq!(email(user).await.as_deref(), Some("petro@example.com"));
    assert_eq!(email(holder).await.as_deref(), Some("ivan@example.com"), "its account is not removed");
}

/// The account of a client that registers the e-mail at the same time is not verified, so it is removed.
async fn email_registered_during_a_revert_is_restored(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let user = env.verified("olena@example.com").await;
    let (secret, email) = (samples::secret(), Email::parse("former@example.com").unwrap());
    let expires_at = samples::now() + chrono::Duration::days(1);
    let (digest, purpose) = (secret.digest(), Purpose::RevertEmail);
    let token = OneTimeToken { digest, purpose, user: user.id, email: email.clone(), expires_at };
    let mut unit = store.begin().await.unwrap();
    unit.insert_one_time_token(&token).await.unwrap();
    unit.commit().await.unwrap();

    let mut registering = store.begin().await.unwrap();
    let registrant = User { email: email.clone(), email_verified: false, ..samples::user() };
    registering.insert_user(&registrant, &PasswordHash("hash".to_owned())).await.unwrap();
    let (ports, token) = (env.ports.clone(), secret.reveal());
    let reverting = blocked(async move { revert_email(&ports, &token, &TestEnvironment::client()).await }).await;
    registering.commit().await.unwrap();
    reverting.await.unwrap().unwrap();
    assert_eq!(store.credentials_of(user.id).await.unwrap().unwrap().user.email, email);
    assert!(store.credentials_of(registrant.id).await.unwrap().is_none());
}

/// A user with a pending e-mail, and the token that was mailed to it.
async fn start_email_change(env: &TestEnvironment) -> (UserId, Email, String) {
    let user = env.verified("olena@example.com").await;
    let (email, password) = (Some(user.email), PasswordAttempt::new(PASSWORD));
    let login =
        login(&env.ports, LoginCommand { email, password, client: TestEnvironment::client(), attempt: Vec::new() })
            .await
            .unwrap();
    let olena = authenticate(&env.ports, &login.access_token, TestEnvironment::client()).await.unwrap();
    let new_email = Email::parse("thief@example.com").unwrap();
    let password = PasswordAttempt::new(PASSWORD);
    request_email_change(&env.ports, &olena, new_email.clone(), &password).await.unwrap();
    (user.id, new_email, env.token_from_mail().await)
}

/// Effect of a new password on a pending change of the e-mail.
async fn discard_email_change(mut unit: Box<dyn UnitOfWork>, user: UserId) {
    unit.set_pending_email(user, None).await.unwrap();
    unit.discard_one_time_tokens(user, Purpose::ChangeEmail).await.unwrap();
    unit.commit().await.unwrap();
}

async fn email_confirmation_waits_for_password_change_and_is_rejected(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let (user, _, token) = start_email_change(&env).await;
    let mut first = store.begin().await.unwrap();
    first.lock_user(user).await.unwrap().unwrap();
    let ports = env.ports.clone();
    let second = blocked(async move { confirm_email(&ports, &token, &TestEnvironment::client()).await }).await;
    discard_email_change(first, user).await;
    let outcome = second.await.unwrap();
    assert!(matches!(outcome, Err(ConfirmEmailError::TokenInvalid)), "{outcome:?}");
    let found = store.credentials_of(user).await.unwrap().unwrap();
    assert_eq!(found.user.email.as_str(), "olena@example.com");
}

async fn no_email_link_is_created_during_a_password_change(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let env = TestEnvironment::over(Arc::new(store.clone()));
    let (user, new_email, _) = start_email_change(&env).await;
    resend_email_change(&env.ports, new_email).await.unwrap();
    let mut claimed = store.begin().await.unwrap();
    claimed.lock_user(user).await.unwrap().unwrap();
    let ports = env.ports.clone();
    let second = blocked(async move { deliver_due_mail(&ports).await }).await;
    discard_email_change(claimed, user).await;
    second.await.unwrap().unwrap();
    assert_eq!(store.one_time_tokens_of(user).await.unwrap(), [], "a late link would outlive the reset");
    assert!(env.mailer.take_sent().is_empty());
}
