//! Recorded events and their retention.

use chrono::Duration;
use domain::{
    account::{Email, Password, PasswordAttempt},
    app_password::{AppPasswordName, Scopes},
    audit::{AuditAction, AuditEvent, AuditOutcome, AuditQueries as _},
    ids::AuditEventId,
    mail::MailContent,
    session::SignedInUser,
    use_cases::{
        account::{
            change_password, confirm_email, delete_account, forgot_password, request_email_change, reset_password,
            revert_email,
        },
        app_password::{CreateAppPasswordCommand, create_app_password, end_app_password},
        background::{deliver_due_mail, sweep},
        contact::{Importer, import_contacts},
        operator::{self, CreateAccountCommand},
        session::{authenticate, end_other_sessions, end_session, logout, refresh},
    },
};
use testkit::{TestEnvironment, environment::PASSWORD, import_file::ImportFile, samples, whole::export};

use crate::{
    imports::SKIP,
    sessions::{login_as, login_with},
};

const OLENA: &str = "olena@example.com";
const NEW: &str = "another good phrase";

type Line = (AuditAction, AuditOutcome);

/// The events since the last call.
fn new_events(env: &TestEnvironment, seen: &mut usize) -> Vec<AuditEvent> {
    let events = env.store.audit_events().split_off(*seen);
    *seen += events.len();
    events
}

async fn signed_in(env: &TestEnvironment, password: &str) -> SignedInUser {
    let pair = login_with(env, OLENA, password).await.unwrap();
    authenticate(&env.ports, &pair.access_token, TestEnvironment::client()).await.unwrap()
}

#[tokio::test]
async fn every_audited_action_and_outcome_is_recorded() {
    let env = TestEnvironment::default();
    let (ports, mut seen) = (&env.ports, 0);
    let mut recorded: Vec<Line> = Vec::new();
    let mut expect = |env: &TestEnvironment, lines: &[Line]| {
        let events = new_events(env, &mut seen);
        let found: Vec<Line> = events.iter().map(|event| (event.action, event.outcome)).collect();
        assert_eq!(found, lines);
        for event in events {
            assert_eq!(event.at, env.ports.clock.now());
            assert!(event.client.user_agent.is_some(), "{event:?}");
        }
        recorded.extend(lines);
    };
    let done = |action| (action, AuditOutcome::Success);
    let wrong = |action| (action, AuditOutcome::WrongPassword);
    let (bad, good) = (PasswordAttempt::new("wrong"), PasswordAttempt::new(PASSWORD));

    env.registered(OLENA).await;
    login_as(&env, OLENA).await.unwrap_err();
    expect(&env, &[done(AuditAction::Register), (AuditAction::SignIn, AuditOutcome::EmailNotVerified)]);
    let token = env.token_from_mail().await;
    domain::use_cases::account::verify_email(ports, &token, &TestEnvironment::client()).await.unwrap();
    login_with(&env, OLENA, "wrong").await.unwrap_err();
    expect(&env, &[done(AuditAction::VerifyEmail), wrong(AuditAction::SignIn)]);

    let (here, there, third) =
        (signed_in(&env, PASSWORD).await, signed_in(&env, PASSWORD).await, signed_in(&env, PASSWORD).await);
    expect(&env, &[done(AuditAction::SignIn), done(AuditAction::SignIn), done(AuditAction::SignIn)]);
    end_session(ports, &here, there.session.id).await.unwrap();
    end_session(ports, &here, there.session.id).await.unwrap_err();
    end_other_sessions(ports, &here).await.unwrap();
    logout(ports, &third).await.unwrap();
    expect(&env, &[AuditAction::EndSession, AuditAction::EndOtherSessions, AuditAction::SignOut].map(done));

    let name = AppPasswordName::parse("Phone").unwrap();
    let command = CreateAppPasswordCommand { name, scopes: Scopes::default(), expires_at: None };
    let created = create_app_password(ports, &here, command).await.unwrap();
    end_app_password(ports, &here, created.password.id).await.unwrap();
    end_app_password(ports, &here, created.password.id).await.unwrap_err();
    expect(&env, &[AuditAction::CreateAppPassword, AuditAction::EndAppPassword].map(done));

    let new = Password::parse(NEW).unwrap();
    change_password(ports, &here, &bad, &new).await.unwrap_err();
    change_password(ports, &here, &good, &new).await.unwrap();
    expect(&env, &[wrong(AuditAction::ChangePassword), done(AuditAction::ChangePassword)]);
    let new_email = Email::parse("new@example.com").unwrap();
    request_email_change(ports, &here, new_email.clone(), &bad).await.unwrap_err();
    request_email_change(ports, &here, new_email, &PasswordAttempt::new(NEW)).await.unwrap();
    expect(&env, &[wrong(AuditAction::RequestEmailChange), done(AuditAction::RequestEmailChange)]);
    deliver_due_mail(ports).await.unwrap();
    let token = env.mailer.take_only_token();
    confirm_email(ports, &token, &TestEnvironment::client()).await.unwrap();
    deliver_due_mail(ports).await.unwrap();
    let token = env.mailer.take_sent().into_iter().find_map(|mail| match mail.content {
        MailContent::EmailChanged { token, .. } => Some(token.reveal()),
        _ => None,
    });
    revert_email(ports, &token.unwrap(), &TestEnvironment::client()).await.unwrap();
    expect(&env, &[AuditAction::ConfirmEmail, AuditAction::RevertEmail].map(done));
    deliver_due_mail(ports).await.unwrap();
    env.mailer.take_sent();
    forgot_password(ports, Email::parse(OLENA).unwrap(), &TestEnvironment::client()).await.unwrap();
    let token = env.token_from_mail().await;
    reset_password(ports, &token, &Password::parse(PASSWORD).unwrap(), true, &TestEnvironment::client()).await.unwrap();
    expect(&env, &[AuditAction::ForgotPassword, AuditAction::ResetPassword].map(done));

    let pair = login_with(&env, OLENA, PASSWORD).await.unwrap();
    let first = pair.refresh_token.reveal();
    refresh(ports, &first, &TestEnvironment::client()).await.unwrap();
    refresh(ports, &first, &TestEnvironment::client()).await.unwrap();
    env.clock.advance(Duration::seconds(10));
    refresh(ports, &first, &TestEnvironment::client()).await.unwrap_err();
    let events = env.store.audit_events();
    let refreshes: Vec<Line> = events[events.len() - 2..].iter().map(|event| (event.action, event.outcome)).collect();
    let repeated_and_reused = [AuditOutcome::TokenRepeated, AuditOutcome::TokenReused];
    assert_eq!(refreshes, repeated_and_reused.map(|outcome| (AuditAction::Refresh, outcome)));

    let (seen_before, email) = (env.store.audit_events().len(), Email::parse(OLENA).unwrap());
    operator::disable_account(ports, &email).await.unwrap();
    login_with(&env, OLENA, PASSWORD).await.unwrap_err();
    operator::enable_account(ports, &email).await.unwrap();
    operator::verify_account(ports, &email).await.unwrap();
    operator::create_reset_link(ports, &email).await.unwrap();
    operator::set_contact_limit(ports, &email, Some(7)).await.unwrap();
    let of_operator: Vec<Line> =
        env.store.audit_events()[seen_before..].iter().map(|event| (event.action, event.outcome)).collect();
    let mut expected = vec![done(AuditAction::DisableAccount), (AuditAction::SignIn, AuditOutcome::AccountDisabled)];
    let later = [AuditAction::EnableAccount, AuditAction::VerifyAccount, AuditAction::CreateResetLink];
    expected.extend(later.into_iter().chain([AuditAction::SetContactLimit]).map(done));
    assert_eq!(of_operator, expected);

    let pair = login_with(&env, OLENA, PASSWORD).await.unwrap();
    let olena = authenticate(ports, &pair.access_token, TestEnvironment::client()).await.unwrap();
    let before = env.store.audit_events().len();
    let exported = export(ports, &olena).await.unwrap();
    let latest_first: Vec<AuditEvent> = env.store.audit_events().into_iter().rev().collect();
    assert_eq!(exported.audit_events, latest_first, "the trail, with this export");
    let importer = Importer { owner: olena.user.id, client: &olena.client };
    import_contacts(ports, importer, &mut ImportFile::default(), SKIP, None).await.unwrap();
    delete_account(ports, &olena, &bad).await.unwrap_err();
    let lines: Vec<Line> =
        env.store.audit_events()[before..].iter().map(|event| (event.action, event.outcome)).collect();
    let of_data = [AuditAction::ExportAccount, AuditAction::ImportContacts].map(done);
    assert_eq!(lines, [of_data[0], of_data[1], wrong(AuditAction::DeleteAccount)]);
    delete_account(ports, &olena, &good).await.unwrap();
    assert_eq!(env.store.audit_events(), [], "nothing is left, not even that there was an account");

    recorded.extend(refreshes.into_iter().chain(of_operator));
    operator::invite(ports, &email).await.unwrap();
    let registrant = TestEnvironment::registrant(OLENA);
    let (username, locale, timezone) = (registrant.username, registrant.locale, registrant.timezone);
    operator::create_account(ports, CreateAccountCommand { username, email, locale, timezone }).await.unwrap();
    let created: Vec<Line> = env.store.audit_events().iter().map(|event| (event.action, event.outcome)).collect();
    assert_eq!(created, [AuditAction::Invite, AuditAction::CreateAccount].map(done));
    recorded.extend(created);
    recorded.extend(lines);
    assert!(AuditAction::ALL.iter().all(|action| recorded.iter().any(|(seen, _)| seen == action)), "all were tried");
    assert!(AuditOutcome::ALL.iter().all(|outcome| recorded.iter().any(|(_, seen)| seen == outcome)));
}

#[tokio::test]
async fn unknown_email_records_the_same_event_without_a_user() {
    let env = TestEnvironment::default();
    let olena = env.verified(OLENA).await;
    for (email, user) in [(OLENA, Some(olena.id)), ("nobody@example.com", None), ("no address", None)] {
        let before = env.store.audit_events().len();
        login_with(&env, email, "wrong").await.unwrap_err();
        let events = env.store.audit_events().split_off(before);
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.action, event.outcome), (AuditAction::SignIn, AuditOutcome::WrongPassword));
        assert_eq!(event.user, user, "{email}");
    }
    for (email, user) in [(OLENA, Some(olena.id)), ("nobody@example.com", None)] {
        forgot_password(&env.ports, Email::parse(email).unwrap(), &TestEnvironment::client()).await.unwrap();
        let event = env.store.audit_events().pop().unwrap();
        assert_eq!((event.action, event.user), (AuditAction::ForgotPassword, user));
    }
}

#[tokio::test]
async fn events_expire_after_90_days_and_failures_after_14() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let deeds = env.store.audit_events().len() as u64;
    login_with(&env, OLENA, "wrong").await.unwrap_err();
    for (days, forgotten) in [(14, 1), (76, deeds)] {
        env.clock.advance(Duration::days(days) - Duration::microseconds(1));
        assert_eq!(sweep(&env.ports).await.unwrap().audit_events, 0);
        env.clock.advance(Duration::microseconds(1));
        assert_eq!(sweep(&env.ports).await.unwrap().audit_events, forgotten);
    }
    assert!(env.store.audit_events().is_empty());
}

/// Many wrong passwords of a user.
async fn record_guesses(env: &TestEnvironment, user: domain::ids::UserId, number: usize) {
    let mut unit = env.ports.store.begin().await.unwrap();
    for _ in 0..number {
        let (id, at) = (AuditEventId(samples::id()), env.ports.clock.now());
        let (action, outcome) = (AuditAction::SignIn, AuditOutcome::WrongPassword);
        unit.record(&AuditEvent { id, at, user: Some(user), action, outcome, client: TestEnvironment::client() })
            .await
            .unwrap();
    }
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn events_of_a_deleted_account_are_removed_in_batches() {
    let env = TestEnvironment::default();
    env.verified(OLENA).await;
    let olena = signed_in(&env, PASSWORD).await;
    record_guesses(&env, olena.user.id, 21_500).await;
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.unwrap();
    let left = env.store.audit_events().len();
    assert!((1..=1_600).contains(&left), "the answer does not wait for all of them: {left}");
    assert_eq!(sweep(&env.ports).await.unwrap().events_of_deleted_accounts, left as u64);
    assert_eq!(env.store.audit_events(), []);
}

#[tokio::test]
async fn sweep_removes_remaining_and_late_events_of_deleted_accounts() {
    let env = TestEnvironment::default();
    let id = env.verified(OLENA).await.id;
    let olena = signed_in(&env, PASSWORD).await;
    // The unit of the account is committed first; the next one fails.
    env.store.fail_commit_after(1);
    delete_account(&env.ports, &olena, &PasswordAttempt::new(PASSWORD)).await.expect("the account is gone");
    assert_ne!(env.store.audit_events(), []);
    sweep(&env.ports).await.unwrap();
    assert_eq!(env.store.audit_events(), []);

    // A sign-in that found the account before it was deleted.
    record_guesses(&env, id, 1).await;
    env.clock.advance(Duration::minutes(59));
    assert_eq!(sweep(&env.ports).await.unwrap().events_of_deleted_accounts, 1);
    assert_eq!(env.store.deleted_accounts(10).await.unwrap().len(), 1);
    env.clock.advance(Duration::minutes(1));
    sweep(&env.ports).await.unwrap();
    assert_eq!(env.store.deleted_accounts(10).await.unwrap(), [], "nothing is left of it");
}
