//! A change of the e-mail of an account.

use domain::{
    account::{Email, Password, PasswordAttempt},
    mail::{MailContent, OutgoingMail},
    session::SignedInUser,
    use_cases::{
        account::{
            ConfirmEmailError, RequestEmailChangeError, ResetPasswordError, change_password, confirm_email,
            forgot_password, request_email_change, resend_email_change, reset_password,
        },
        background::deliver_due_mail,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

use crate::{
    notices::{change_address_silently, signed_in},
    sessions::{login_as, login_with},
};

const OLENA: &str = "olena@example.com";

pub(crate) async fn start_email_change(
    env: &TestEnvironment,
    olena: &SignedInUser,
    email: &str,
) -> Result<(), RequestEmailChangeError> {
    let email = Email::parse(email).unwrap();
    request_email_change(&env.ports, olena, email, &PasswordAttempt::new(PASSWORD)).await
}

/// The token in the mail to the new e-mail, after the notice to the old one.
async fn change_token(env: &TestEnvironment) -> String {
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    let is_notice = |mail: &OutgoingMail| matches!(mail.content, MailContent::EmailChangeNotice);
    assert!(sent.iter().any(|mail| is_notice(mail) && mail.to.as_str() == OLENA));
    let MailContent::ConfirmEmail { token, .. } = &sent.iter().find(|mail| !is_notice(mail)).unwrap().content else {
        panic!("another mail");
    };
    token.reveal()
}

#[tokio::test]
async fn email_changes_when_the_new_email_is_confirmed() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let same = start_email_change(&env, &olena, OLENA).await;
    assert!(matches!(same, Err(RequestEmailChangeError::Unchanged)));
    start_email_change(&env, &olena, "first@example.com").await.unwrap();
    let first = change_token(&env).await;
    start_email_change(&env, &olena, "second@example.com").await.unwrap();
    let second = change_token(&env).await;
    let replaced = confirm_email(&env.ports, &first, &TestEnvironment::client()).await;
    assert!(matches!(replaced, Err(ConfirmEmailError::TokenInvalid)), "the later request counts");
    confirm_email(&env.ports, &second, &TestEnvironment::client()).await.unwrap();
    login_as(&env, "second@example.com").await.unwrap();
    login_as(&env, OLENA).await.unwrap_err();
}

#[tokio::test]
async fn resent_confirmation_link_works_for_a_pending_email_only() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let new = Email::parse("new@example.com").unwrap();
    resend_email_change(&env.ports, new.clone()).await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    assert!(env.mailer.take_sent().is_empty(), "no user has it pending");
    start_email_change(&env, &olena, "new@example.com").await.unwrap();
    let lost = change_token(&env).await;
    resend_email_change(&env.ports, new).await.unwrap();
    let token = env.token_from_mail().await;
    assert_ne!(token, lost);
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    login_as(&env, "new@example.com").await.unwrap();
    assert!(confirm_email(&env.ports, &lost, &TestEnvironment::client()).await.is_err(), "its sister was used");
}

#[tokio::test]
async fn new_password_cancels_a_pending_email_change() {
    for resets in [true, false] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let olena = signed_in(&env, OLENA).await;
        start_email_change(&env, &olena, "evil@example.com").await.unwrap();
        let thiefs = change_token(&env).await;
        let new = Password::parse("another good phrase").unwrap();
        if resets {
            forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
            let token = env.token_from_mail().await;
            reset_password(&env.ports, &token, &new, true, &TestEnvironment::client()).await.unwrap();
        } else {
            change_password(&env.ports, &olena, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
        }
        assert!(matches!(
            confirm_email(&env.ports, &thiefs, &TestEnvironment::client()).await,
            Err(ConfirmEmailError::TokenInvalid)
        ));
        login_with(&env, OLENA, "another good phrase").await.unwrap();
    }
}

#[tokio::test]
async fn taken_email_gets_no_mail_and_cannot_be_confirmed() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified("petro@example.com").await;
    let olena = signed_in(&env, OLENA).await;
    start_email_change(&env, &olena, "petro@example.com").await.unwrap();
    deliver_due_mail(&env.ports).await.unwrap();
    let sent = env.mailer.take_sent();
    assert_eq!(sent.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [OLENA], "only the notice");

    start_email_change(&env, &olena, "late@example.com").await.unwrap();
    let token = change_token(&env).await;
    env.verified("late@example.com").await;
    assert!(matches!(
        confirm_email(&env.ports, &token, &TestEnvironment::client()).await,
        Err(ConfirmEmailError::EmailTaken)
    ));
    login_as(&env, OLENA).await.unwrap();
}

#[tokio::test]
async fn link_for_a_password_that_was_sent_to_the_former_email_changes_nothing() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let former = env.token_from_mail().await;
    change_address_silently(&env, OLENA, "zyxwvutq@example.com").await;
    let olena = SignedInUser { user: signed_in(&env, "zyxwvutq@example.com").await.user, ..olena };
    deliver_due_mail(&env.ports).await.unwrap();
    env.mailer.take_sent();
    start_email_change(&env, &olena, "third@example.com").await.unwrap();
    // The other one is derived from the new e-mail, which the answer must not reveal.
    for password in ["another good phrase", "zyxwvutq-12"] {
        let new = Password::parse(password).unwrap();
        let outcome = reset_password(&env.ports, &former, &new, true, &TestEnvironment::client()).await;
        assert!(matches!(outcome, Err(ResetPasswordError::TokenInvalid)), "{outcome:?}");
    }
    let token = env.token_from_mail().await;
    confirm_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    login_as(&env, "third@example.com").await.unwrap();
}
