//! The end of app passwords.

use chrono::Duration;
use domain::{
    account::{Email, Password, PasswordAttempt},
    app_password::AppPassword,
    audit::{AuditAction, AuditOutcome},
    ids::AppPasswordId,
    text::Invalid,
    use_cases::{
        account::{change_password, delete_account, forgot_password, reset_password, revert_email},
        app_password::{
            CreateAppPasswordCommand, CreateAppPasswordError, EndAppPasswordError, create_app_password,
            end_app_password, list_app_passwords,
        },
        background::sweep,
        operator::{disable_account, enable_account},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, samples};

use super::{created, enters, named};
use crate::notices::{NEW, OLENA, SECOND, change_address, sent, signed_in};

#[tokio::test]
async fn expiry_must_be_in_the_future_and_is_exclusive() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let expiring = |expires_at| CreateAppPasswordCommand { expires_at: Some(expires_at), ..named("Phone") };
    let moment = Duration::microseconds(1);
    for past in [samples::now(), samples::now() - moment] {
        let outcome = create_app_password(&env.ports, &olena, expiring(past)).await;
        assert!(matches!(outcome, Err(CreateAppPasswordError::Expiry(Invalid::NotInTheFuture))), "{outcome:?}");
    }
    let secret = create_app_password(&env.ports, &olena, expiring(samples::now() + moment)).await.unwrap().secret;
    assert!(enters(&env, &secret).await);
    env.clock.advance(moment);
    for is_cached in [false, true] {
        env.store.cache_app_passwords(is_cached);
        assert!(!enters(&env, &secret).await);
    }
    assert_eq!(list_app_passwords(&env.ports, &olena).await.unwrap().len(), 1, "still listed");
    env.clock.advance(AppPassword::EXPIRED_RETENTION - moment);
    assert_eq!(sweep(&env.ports).await.unwrap().app_passwords, 0);
    env.clock.advance(moment);
    assert_eq!(sweep(&env.ports).await.unwrap().app_passwords, 1);
}

#[tokio::test]
async fn ended_app_password_is_rejected_at_once() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified(SECOND).await;
    let (olena, petro) = (signed_in(&env, OLENA).await, signed_in(&env, SECOND).await);
    let (ended, other) = (created(&env, &olena).await, created(&env, &olena).await);
    for (user, id) in [(&petro, ended.password.id), (&olena, AppPasswordId(samples::id()))] {
        let outcome = end_app_password(&env.ports, user, id).await;
        assert!(matches!(outcome, Err(EndAppPasswordError::NotFound)), "{outcome:?}");
    }
    assert!(enters(&env, &ended.secret).await);
    end_app_password(&env.ports, &olena, ended.password.id).await.unwrap();
    let event = env.store.audit_events().pop().unwrap();
    assert_eq!((event.action, event.outcome), (AuditAction::EndAppPassword, AuditOutcome::Success));
    assert_eq!(event.user, Some(olena.user.id));
    assert!(!enters(&env, &ended.secret).await);
    assert!(enters(&env, &other.secret).await);
    let again = end_app_password(&env.ports, &olena, ended.password.id).await;
    assert!(matches!(again, Err(EndAppPasswordError::NotFound)), "{again:?}");
}

#[tokio::test]
async fn password_reset_ends_app_passwords_only_if_requested() {
    for end_app_passwords in [true, false] {
        let env = TestEnvironment::default();
        env.verified(OLENA).await;
        let olena = signed_in(&env, OLENA).await;
        let secret = created(&env, &olena).await.secret;
        sent(&env).await;
        forgot_password(&env.ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
        let (token, new) = (env.token_from_mail().await, Password::parse(NEW).unwrap());
        let client = TestEnvironment::client();
        reset_password(&env.ports, &token, &new, end_app_passwords, &client).await.unwrap();
        assert_eq!(enters(&env, &secret).await, !end_app_passwords);
        reset_password(&env.ports, &token, &new, true, &client).await.unwrap();
        assert_eq!(enters(&env, &secret).await, !end_app_passwords, "a repetition changes nothing");
    }
}

#[tokio::test]
async fn changed_password_ends_no_app_password() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let secret = created(&env, &olena).await.secret;
    let (current, new) = (PasswordAttempt::new(PASSWORD), Password::parse(NEW).unwrap());
    change_password(&env.ports, &olena, &current, &new).await.unwrap();
    assert!(enters(&env, &secret).await);
}

#[tokio::test]
async fn restored_email_ends_the_app_passwords_of_a_thief() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let token = change_address(&env, OLENA, SECOND).await;
    let thief = signed_in(&env, SECOND).await;
    let secret = created(&env, &thief).await.secret;
    assert!(enters(&env, &secret).await);
    revert_email(&env.ports, &token, &TestEnvironment::client()).await.unwrap();
    assert!(!enters(&env, &secret).await);
}

#[tokio::test]
async fn disabling_and_deleting_an_account_end_its_app_passwords() {
    let env = TestEnvironment::default();
    let user = env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let secret = created(&env, &olena).await.secret;
    disable_account(&env.ports, &user.email).await.unwrap();
    assert!(!enters(&env, &secret).await);
    enable_account(&env.ports, &user.email).await.unwrap();
    assert!(!enters(&env, &secret).await, "it has ended");
    let olena = signed_in(&env, OLENA).await;
    let secret = created(&env, &olena).await.secret;
    assert!(enters(&env, &secret).await);
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    assert!(!enters(&env, &secret).await);
}
