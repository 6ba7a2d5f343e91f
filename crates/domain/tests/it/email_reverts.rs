//! Reverted changes of an e-mail.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use domain::{
    Ports,
    account::{
        Email, HashingError, OneTimeToken, Password, PasswordAttempt, PasswordHash, PasswordHasher, UserQueries as _,
        Verdict,
    },
    client::LargestNetwork,
    ids::UserId,
    mail::MailContent,
    store::Store as _,
    use_cases::{
        account::{
            ConfirmEmailError, ResetPasswordError, RevertEmailError, change_password, confirm_email, forgot_password,
            request_email_change, reset_password, revert_email, verify_email,
        },
        background::deliver_due_mail,
        session::{AuthenticateError, authenticate},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD};

use crate::{
    notices::{
        NEW, OLENA, SECOND, THIEF, assert_invalid_credentials, change_address, change_address_silently, only_mail,
        signed_in,
    },
    sessions::{login_as, login_with},
};

#[tokio::test]
async fn email_revert_ends_all_access_of_the_thief() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let link = change_address(&env, OLENA, THIEF).await;
    let thief = login_as(&env, THIEF).await.unwrap();
    let principal = authenticate(&env.ports, &thief.access_token, TestEnvironment::client()).await.unwrap();
    let another = Email::parse("another@example.com").unwrap();
    let password = PasswordAttempt::new(PASSWORD);
    request_email_change(&env.ports, &principal, another, &password).await.unwrap();
    let confirmation = env.token_from_mail().await;
    forgot_password(&env.ports, Email::parse(THIEF).unwrap(), &TestEnvironment::client()).await.unwrap();
    let reset = env.token_from_mail().await;

    revert_email(&env.ports, &link, &TestEnvironment::client()).await.unwrap();
    let mail = only_mail(&env).await;
    assert_eq!(mail.to.as_str(), OLENA);
    let MailContent::ResetPassword { token, .. } = mail.content else { panic!("another mail") };
    let ended = authenticate(&env.ports, &thief.access_token, TestEnvironment::client()).await;
    assert!(matches!(ended, Err(AuthenticateError::SessionEnded)));
    assert_invalid_credentials(&env, THIEF, PASSWORD).await;
    assert_invalid_credentials(&env, OLENA, PASSWORD).await;
    let confirmed = confirm_email(&env.ports, &confirmation, &TestEnvironment::client()).await;
    assert!(matches!(confirmed, Err(ConfirmEmailError::TokenInvalid)));
    let new = Password::parse(NEW).unwrap();
    reset_password(&env.ports, &reset, &new, true, &TestEnvironment::client()).await.unwrap_err();
    reset_password(&env.ports, &token.reveal(), &new, true, &TestEnvironment::client()).await.unwrap();
    login_with(&env, OLENA, NEW).await.unwrap();
    revert_email(&env.ports, &link, &TestEnvironment::client()).await.expect("a second press is no error");
    login_with(&env, OLENA, NEW).await.expect("a second press changes nothing");
    env.clock.advance(OneTimeToken::REPEATABLE_FOR);
    let again = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
    assert!(matches!(again, Err(RevertEmailError::TokenInvalid)), "a link works once");
}

#[tokio::test]
async fn revert_of_the_first_change_invalidates_later_revert_links() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let owners = change_address(&env, OLENA, THIEF).await;
    env.clock.advance(Duration::seconds(1));
    let thiefs = change_address(&env, THIEF, SECOND).await;
    let thief = signed_in(&env, SECOND).await;
    let new = Password::parse(NEW).unwrap();
    change_password(&env.ports, &thief, &PasswordAttempt::new(PASSWORD), &new).await.unwrap();
    revert_email(&env.ports, &owners, &TestEnvironment::client()).await.expect("a new password does not end the link");
    let undone = revert_email(&env.ports, &thiefs, &TestEnvironment::client()).await;
    assert!(matches!(undone, Err(RevertEmailError::TokenInvalid)), "or the thief would take it back again");
    assert_invalid_credentials(&env, OLENA, NEW).await;
}

#[tokio::test]
async fn later_revert_link_does_not_invalidate_an_earlier_one() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    let owners = change_address(&env, OLENA, THIEF).await;
    env.clock.advance(Duration::seconds(1));
    let thiefs = change_address(&env, THIEF, SECOND).await;
    for (link, address) in [(&thiefs, THIEF), (&owners, OLENA)] {
        revert_email(&env.ports, link, &TestEnvironment::client()).await.expect(address);
        let user = env.store.credentials_of(olena.id).await.unwrap().unwrap().user;
        assert_eq!(user.email.as_str(), address);
    }
    let mail = only_mail(&env).await;
    assert_eq!(mail.to.as_str(), OLENA, "the thief gets no mail to set a new password");
    assert!(matches!(mail.content, MailContent::ResetPassword { .. }), "{mail:?}");
}

#[tokio::test]
async fn late_revert_link_expires_seven_days_after_the_change() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    change_address_silently(&env, OLENA, THIEF).await;
    let changed_at = env.ports.clock.now();
    env.clock.advance(Duration::hours(5));
    let MailContent::EmailChanged { expires_at, .. } = only_mail(&env).await.content else { panic!("another mail") };
    assert_eq!(expires_at, changed_at + Duration::days(7));
}

#[tokio::test]
async fn revert_cancels_the_queued_mail_of_a_later_change() {
    for is_claimed in [false, true] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let owners = change_address(&env, OLENA, THIEF).await;
        env.clock.advance(Duration::seconds(1));
        change_address_silently(&env, THIEF, SECOND).await;
        let client = TestEnvironment::client();
        if is_claimed {
            // Units begin in the order of the calls. The worker claims the mail, the revert commits, then the worker
            // prepares its copy of the mail.
            let ports = Ports { passwords: Arc::new(ConstantHash), ..env.ports.clone() };
            let first = env.store.begin().await.unwrap();
            let (delivery, revert) = (deliver_due_mail(&env.ports), revert_email(&ports, &owners, &client));
            let (delivery, outcome, ()) = tokio::join!(biased; delivery, revert, async { drop(first) });
            outcome.unwrap();
            assert_eq!(delivery.unwrap().handled, 1);
        } else {
            revert_email(&env.ports, &owners, &client).await.unwrap();
        }
        let mail = only_mail(&env).await;
        assert_eq!(mail.to.as_str(), OLENA);
        assert!(matches!(mail.content, MailContent::ResetPassword { .. }), "{mail:?}");
        assert_eq!(env.outbox().await.waiting, 0);
    }
}

/// A hasher that does not check that no unit is open.
struct ConstantHash;

#[async_trait]
impl PasswordHasher for ConstantHash {
    async fn hash(&self, _: &Password, _: LargestNetwork) -> Result<PasswordHash, HashingError> {
        Ok(PasswordHash("constant".to_owned()))
    }

    async fn verify(
        &self,
        _: &PasswordAttempt,
        _: Option<&PasswordHash>,
        _: LargestNetwork,
    ) -> Result<Verdict, HashingError> {
        Ok(Verdict::Mismatch)
    }

    async fn rehash(&self, _: &PasswordAttempt, _: LargestNetwork) -> Result<PasswordHash, HashingError> {
        Ok(PasswordHash("constant".to_owned()))
    }
}

#[tokio::test]
async fn expired_or_foreign_link_does_not_revert_an_email() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let link = change_address(&env, OLENA, THIEF).await;
    forgot_password(&env.ports, Email::parse(THIEF).unwrap(), &TestEnvironment::client()).await.unwrap();
    let of_another_purpose = env.token_from_mail().await;
    for token in [of_another_purpose.as_str(), "", "nonsense", &link[..63]] {
        let rejected = revert_email(&env.ports, token, &TestEnvironment::client()).await;
        assert!(matches!(rejected, Err(RevertEmailError::TokenInvalid)), "{token}");
    }
    env.clock.advance(Duration::days(7));
    let late = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
    assert!(matches!(late, Err(RevertEmailError::TokenInvalid)));
    login_as(&env, THIEF).await.unwrap();
}

#[tokio::test]
async fn old_email_taken_by_an_unverified_account_is_restored() {
    for is_verified in [false, true] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let link = change_address(&env, OLENA, THIEF).await;
        env.registered(OLENA).await;
        let verification = env.token_from_mail().await;
        if is_verified {
            verify_email(&env.ports, &verification, &TestEnvironment::client()).await.unwrap();
        }
        let outcome = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
        if is_verified {
            assert!(matches!(outcome, Err(RevertEmailError::EmailTaken)));
            login_as(&env, THIEF).await.expect("nothing has changed");
        } else {
            outcome.expect("or a thief would only have to register it");
            login_as(&env, THIEF).await.unwrap_err();
            let mail = only_mail(&env).await;
            let MailContent::ResetPassword { token, .. } = mail.content else { panic!("another mail") };
            let new = Password::parse(NEW).unwrap();
            reset_password(&env.ports, &token.reveal(), &new, true, &TestEnvironment::client()).await.unwrap();
            login_with(&env, OLENA, NEW).await.unwrap();
        }
    }
}

#[tokio::test]
async fn account_that_verifies_the_old_email_meanwhile_is_not_removed() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let link = change_address(&env, OLENA, THIEF).await;
    env.registered(OLENA).await;
    let holder = id_of(&env, OLENA).await;
    env.store.change_before_lock(holder, |user| user.email_verified = true);
    let outcome = revert_email(&env.ports, &link, &TestEnvironment::client()).await;
    assert!(matches!(outcome, Err(RevertEmailError::EmailTaken)), "{outcome:?}");
    assert_eq!(id_of(&env, OLENA).await, holder);
    login_as(&env, THIEF).await.expect("nothing has changed");
}

#[tokio::test]
async fn account_that_gives_up_the_old_email_meanwhile_is_not_removed() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let link = change_address(&env, OLENA, THIEF).await;
    env.registered(OLENA).await;
    let holder = id_of(&env, OLENA).await;
    env.store.change_before_lock(holder, |user| {
        user.email = Email::parse(SECOND).unwrap();
        user.email_verified = true;
    });
    revert_email(&env.ports, &link, &TestEnvironment::client()).await.unwrap();
    assert_ne!(id_of(&env, OLENA).await, holder);
    assert_eq!(id_of(&env, SECOND).await, holder);
}

async fn id_of(env: &TestEnvironment, email: &str) -> UserId {
    env.store.credentials_by_email(&Email::parse(email).unwrap()).await.unwrap().unwrap().user.id
}

#[tokio::test]
async fn rejected_new_password_does_not_cancel_an_email_change() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let (new_email, password) = (Email::parse(SECOND).unwrap(), PasswordAttempt::new(PASSWORD));
    request_email_change(&env.ports, &olena, new_email, &password).await.unwrap();
    let confirmation = env.token_from_mail().await;
    forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let reset = env.token_from_mail().await;
    env.passwords.take_work();
    let derived = Password::parse("olena@example.com!").unwrap();
    let outcome = reset_password(&env.ports, &reset, &derived, true, &TestEnvironment::client()).await;
    assert!(matches!(outcome, Err(ResetPasswordError::Password(_))), "{outcome:?}");
    assert_eq!(env.passwords.take_work(), 0, "it is rejected before it is hashed");
    confirm_email(&env.ports, &confirmation, &TestEnvironment::client()).await.unwrap();
}
