//! Registration, verification, forgotten passwords, and the profile.

use chrono::Duration;
use domain::{
    account::{Email, Locale, OneTimeToken, Password, UserQueries as _, Username},
    mail::MailContent,
    use_cases::{
        account::{
            ProfileChange, RegisterCommand, RegisterError, ResetPasswordError, UpdateProfileError, VerifyEmailError,
            forgot_password, register, resend_verification, reset_password, update_profile, verify_email,
        },
        background::deliver_due_mail,
        session::{AuthenticateError, LoginError, authenticate},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use crate::sessions::{login_as, login_with};

const OLENA: &str = "olena@example.com";

#[tokio::test]
async fn registration_mail_verifies_the_email_once() {
    let env = TestEnvironment::default();
    let user = env.registered("Olena@Example.com").await;
    assert_eq!((user.email.as_str(), user.email_verified, user.created_at), (OLENA, false, samples::now()));

    deliver_due_mail(&env.ports).await.unwrap();
    let mail = env.mailer.take_sent().remove(0);
    assert_eq!((mail.to, mail.username, mail.locale), (user.email.clone(), None, Locale::Uk));
    let MailContent::VerifyEmail { token, expires_at } = mail.content else { panic!("another mail") };
    assert_eq!(expires_at, samples::now() + Duration::hours(24));

    verify_email(&env.ports, &token.reveal(), &TestEnvironment::client()).await.unwrap();
    env.clock.advance(OneTimeToken::REPEATABLE_FOR - Duration::microseconds(1));
    let again = verify_email(&env.ports, &token.reveal(), &TestEnvironment::client()).await;
    again.expect("a second press is no error");
    env.clock.advance(Duration::microseconds(1));
    let later = verify_email(&env.ports, &token.reveal(), &TestEnvironment::client()).await;
    assert!(matches!(later, Err(VerifyEmailError::TokenInvalid)), "a link works once");
    login_as(&env, OLENA).await.unwrap();
}

#[tokio::test]
async fn taken_email_is_rejected_in_every_spelling() {
    let env = TestEnvironment::default();
    env.registered(OLENA).await;
    for spelling in [OLENA, "OLENA@EXAMPLE.COM", " olena@ｅｘａｍｐｌｅ.com"] {
        let rejected = register(&env.ports, TestEnvironment::registrant(spelling)).await;
        assert!(matches!(rejected, Err(RegisterError::EmailTaken)), "{spelling}");
    }
    assert_eq!(env.outbox().await.waiting, 1, "no mail for a rejected user");
}

#[tokio::test]
async fn password_derived_from_the_email_is_rejected_without_hashing() {
    let env = TestEnvironment::default();
    let password = Password::parse("petrenko-yaryna").unwrap();
    let command = RegisterCommand { password, ..TestEnvironment::registrant("yaryna.petrenko@example.com") };
    let rejected = register(&env.ports, command).await;
    assert!(matches!(rejected, Err(RegisterError::Password(_))), "{rejected:?}");
    assert_eq!(env.passwords.take_work(), 0);
}

#[tokio::test]
async fn tokens_are_bound_to_purpose_and_time() {
    let env = TestEnvironment::default();
    env.registered(OLENA).await;
    let verify = env.token_from_mail().await;
    let password = Password::parse("another good phrase").unwrap();
    let crossed = reset_password(&env.ports, &verify, &password, true, &TestEnvironment::client()).await;
    assert!(matches!(crossed, Err(ResetPasswordError::TokenInvalid)), "a verify token resets nothing");
    for made_up in ["", "nonsense", &samples::secret().reveal(), &verify[..63]] {
        let rejected = verify_email(&env.ports, made_up, &TestEnvironment::client()).await;
        assert!(matches!(rejected, Err(VerifyEmailError::TokenInvalid)), "{made_up}");
    }
    env.clock.advance(Duration::hours(24));
    assert!(
        matches!(
            verify_email(&env.ports, &verify, &TestEnvironment::client()).await,
            Err(VerifyEmailError::TokenInvalid)
        ),
        "too late"
    );

    resend_verification(&env.ports, Email::parse(OLENA).unwrap()).await.unwrap();
    let fresh = env.token_from_mail().await;
    verify_email(&env.ports, &fresh, &TestEnvironment::client()).await.unwrap();
}

#[tokio::test]
async fn verified_email_invalidates_old_links_and_gets_no_more() {
    let env = TestEnvironment::default();
    env.registered(OLENA).await;
    let first = env.token_from_mail().await;
    resend_verification(&env.ports, Email::parse(OLENA).unwrap()).await.unwrap();
    let second = env.token_from_mail().await;
    verify_email(&env.ports, &second, &TestEnvironment::client()).await.unwrap();
    assert!(matches!(
        verify_email(&env.ports, &first, &TestEnvironment::client()).await,
        Err(VerifyEmailError::TokenInvalid)
    ));
    resend_verification(&env.ports, Email::parse(OLENA).unwrap()).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    assert!(env.mailer.take_sent().is_empty());
    assert_eq!(env.outbox().await.waiting, 0);
}

#[tokio::test]
async fn forgot_password_does_the_same_work_for_unknown_emails() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    for email in [OLENA, "nobody@example.com"] {
        forgot_password(&env.ports, Email::parse(email).unwrap(), &TestEnvironment::client()).await.unwrap();
    }
    assert_eq!(env.outbox().await.waiting, 2, "the same row for known and unknown");
    assert_eq!(env.passwords.take_work(), 1, "only the registration was hashed");
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to.as_str(), OLENA);
}

#[tokio::test]
async fn password_reset_changes_the_password_and_ends_every_session() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let pair = login_as(&env, OLENA).await.unwrap();
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let token = env.token_from_mail().await;

    let derived = Password::parse("olena@example.com!").unwrap();
    let rejected = reset_password(&env.ports, &token, &derived, true, &TestEnvironment::client()).await;
    assert!(matches!(rejected, Err(ResetPasswordError::Password(_))), "{rejected:?}");

    let password = Password::parse("another good phrase").unwrap();
    reset_password(&env.ports, &token, &password, true, &TestEnvironment::client())
        .await
        .expect("a rejected attempt does not use the token");
    let sessions = login_with(&env, OLENA, "another good phrase").await.unwrap();
    let third = Password::parse("one more good phrase").unwrap();
    let again = reset_password(&env.ports, &token, &third, true, &TestEnvironment::client()).await;
    again.expect("a second press is no error");
    let still = authenticate(&env.ports, &sessions.access_token, TestEnvironment::client()).await;
    still.expect("a second press changes nothing");
    let ended = authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await;
    assert!(matches!(ended, Err(AuthenticateError::SessionEnded)), "the access token ends too");
    assert!(matches!(login_as(&env, OLENA).await, Err(LoginError::Password(_))), "the old password is worth nothing");
    login_with(&env, OLENA, "another good phrase").await.unwrap();
    env.clock.advance(OneTimeToken::REPEATABLE_FOR);
    let later = reset_password(&env.ports, &token, &third, true, &TestEnvironment::client()).await;
    assert!(matches!(later, Err(ResetPasswordError::TokenInvalid)));
}

#[tokio::test]
async fn invalid_reset_token_is_rejected_without_hashing() {
    let env = TestEnvironment::default();
    let password = Password::parse(PASSWORD).unwrap();
    let rejected =
        reset_password(&env.ports, &samples::secret().reveal(), &password, true, &TestEnvironment::client()).await;
    assert!(matches!(rejected, Err(ResetPasswordError::TokenInvalid)));
    assert_eq!(env.passwords.take_work(), 0);
}

#[tokio::test]
async fn password_reset_verifies_the_email() {
    let env = TestEnvironment::default();
    env.registered(OLENA).await;
    deliver_due_mail(&env.ports).await.unwrap();
    env.mailer.take_sent();
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let token = env.token_from_mail().await;
    reset_password(&env.ports, &token, &Password::parse(PASSWORD).unwrap(), true, &TestEnvironment::client())
        .await
        .unwrap();
    login_as(&env, OLENA).await.unwrap();
}

#[tokio::test]
async fn profile_update_changes_only_the_given_fields() {
    let env = TestEnvironment::default();
    let user = env.verified(OLENA).await;
    let change = ProfileChange { timezone: Some("Asia/Tokyo".parse().unwrap()), ..ProfileChange::default() };
    let changed = update_profile(&env.ports, user.id, change).await.unwrap();
    assert_eq!(changed.timezone.as_str(), "Asia/Tokyo");
    assert_eq!((changed.username, changed.locale), (user.username, user.locale));
    let (username, locale) = (Username::parse("Олена П.").unwrap(), Locale::En);
    let change = ProfileChange { username: Some(username.clone()), locale: Some(locale), ..ProfileChange::default() };
    let changed = update_profile(&env.ports, user.id, change).await.unwrap();
    assert_eq!((changed.username.clone(), changed.locale, changed.timezone.as_str()), (username, locale, "Asia/Tokyo"));
    assert_eq!(env.store.credentials_of(user.id).await.unwrap().unwrap().user, changed);
    let no_user = update_profile(&env.ports, samples::user().id, ProfileChange::default()).await;
    assert!(matches!(no_user, Err(UpdateProfileError::NotFound)));
}

#[tokio::test]
async fn profile_without_changes_is_not_written() {
    let env = TestEnvironment::default();
    let user = env.verified(OLENA).await;
    env.store.fail_commit_after(0);
    let same = ProfileChange { username: Some(user.username.clone()), ..ProfileChange::default() };
    assert_eq!(update_profile(&env.ports, user.id, same).await.unwrap(), user);
}
