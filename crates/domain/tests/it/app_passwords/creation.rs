//! New app passwords.

use chrono::Duration;
use domain::{
    account::PasswordAttempt,
    app_password::{AppPassword, AppPasswordName, Scope, Scopes},
    audit::{AuditAction, AuditOutcome},
    mail::{MailContent, ReportedAppPassword},
    use_cases::{
        account::delete_account,
        app_password::{
            CreateAppPasswordCommand, CreateAppPasswordError, CreatedAppPassword, create_app_password,
            end_app_password, list_app_passwords,
        },
        operator::disable_account,
        session::end_other_sessions,
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, whole::export};

use super::{created, enters, named};
use crate::notices::{OLENA, SECOND, only_mail, signed_in};

#[tokio::test]
async fn new_app_password_is_listed_reported_and_recorded() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let scopes = Scopes::new([Scope::CardDav, Scope::ApiRead]).unwrap();
    let command = CreateAppPasswordCommand { scopes: scopes.clone(), ..named("  Телефон ") };
    let CreatedAppPassword { password, secret } = create_app_password(&env.ports, &olena, command).await.unwrap();
    let name = AppPasswordName::parse("Телефон").unwrap();
    assert_eq!((&password.name, &password.scopes, password.last_used_at), (&name, &scopes, None));
    assert_eq!(list_app_passwords(&env.ports, &olena).await.unwrap(), [password]);
    let queued = env.ports.store.mails_of(&olena.user).await.unwrap();
    assert_eq!(queued.iter().map(|mail| mail.user).collect::<Vec<_>>(), [Some(olena.user.id)]);
    let mail = only_mail(&env).await;
    assert_eq!((mail.to.as_str(), mail.client_ip), (OLENA, TestEnvironment::client().ip));
    assert!(mail.username.is_some(), "the e-mail is verified");
    let MailContent::AppPasswordCreated(reported) = mail.content else { panic!("another mail") };
    assert_eq!(reported, ReportedAppPassword { name, scopes });
    let event = env.store.audit_events().pop().unwrap();
    assert_eq!((event.action, event.outcome), (AuditAction::CreateAppPassword, AuditOutcome::Success));
    assert_eq!((event.user, event.client), (Some(olena.user.id), TestEnvironment::client()));
    assert!(enters(&env, &secret).await);
}

#[tokio::test]
async fn mail_reports_an_app_password_that_has_ended_since() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, OLENA).await;
    let password = created(&env, &olena).await.password;
    end_app_password(&env.ports, &olena, password.id).await.unwrap();
    let MailContent::AppPasswordCreated(reported) = only_mail(&env).await.content else { panic!("another mail") };
    assert_eq!(reported.name, password.name);
}

#[tokio::test]
async fn user_has_at_most_fifty_app_passwords() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified(SECOND).await;
    let (olena, petro) = (signed_in(&env, OLENA).await, signed_in(&env, SECOND).await);
    let mut last = None;
    for _ in 0..AppPassword::MAX_PER_USER {
        last = Some(created(&env, &olena).await.password.id);
    }
    let outcome = create_app_password(&env.ports, &olena, named("One more")).await;
    assert!(matches!(outcome, Err(CreateAppPasswordError::LimitReached)), "{outcome:?}");
    assert_eq!(list_app_passwords(&env.ports, &olena).await.unwrap().len(), 50);
    created(&env, &petro).await;
    end_app_password(&env.ports, &olena, last.unwrap()).await.unwrap();
    created(&env, &olena).await;
}

#[tokio::test]
async fn ended_session_creates_no_app_password() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let (olena, thief) = (signed_in(&env, OLENA).await, signed_in(&env, OLENA).await);
    end_other_sessions(&env.ports, &olena).await.unwrap();
    // A request that was authenticated before.
    let outcome = create_app_password(&env.ports, &thief, named("Phone")).await;
    assert!(matches!(outcome, Err(CreateAppPasswordError::SessionEnded)), "{outcome:?}");
    disable_account(&env.ports, &olena.user.email).await.unwrap();
    let outcome = create_app_password(&env.ports, &olena, named("Phone")).await;
    assert!(matches!(outcome, Err(CreateAppPasswordError::SessionEnded)), "{outcome:?}");
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap_err();
    assert_eq!(list_app_passwords(&env.ports, &olena).await.unwrap(), []);
}

#[tokio::test]
async fn export_contains_the_app_passwords() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    env.verified(SECOND).await;
    let (olena, petro) = (signed_in(&env, OLENA).await, signed_in(&env, SECOND).await);
    created(&env, &petro).await;
    let first = created(&env, &olena).await.password;
    env.clock.advance(Duration::seconds(1));
    let second = created(&env, &olena).await.password;
    assert_eq!(export(&env.ports, &olena).await.unwrap().app_passwords, [second, first]);
}
