//! Rows that this version cannot read, as after a downgrade. A list contains the others.

use std::{slice, sync::Arc};

use domain::{
    account::{AccountQueries as _, Email},
    app_password::{AppPassword, AppPasswordName, AppPasswordQueries as _, Scope, Scopes},
    audit::{AuditAction, AuditEvent, AuditOutcome, AuditQueries as _},
    client::ClientInfo,
    ids::{AuditEventId, MailId},
    mail::{Mail, MailKind, OutboxQueries as _, ReportedAppPassword},
    session::{Session, SessionQueries as _},
    store::Store as _,
};
use sea_orm::ConnectionTrait as _;
use testkit::samples;

use crate::databases::TestDatabase;

on_both!(
    mails_of_a_user_contain_the_readable_ones,
    app_passwords_of_a_user_contain_the_readable_ones,
    accounts_contain_the_readable_ones,
    session_with_an_unreadable_ip_is_listed_and_works,
    audit_trail_contains_events_with_an_unreadable_ip,
);

async fn change(database: &TestDatabase, sql: &str) {
    let raw = database.raw().await;
    raw.execute_unprepared(sql).await.unwrap();
    raw.close().await.unwrap();
}

async fn mails_of_a_user_contain_the_readable_ones(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let mail = |kind| Mail {
        id: MailId(samples::id()),
        kind,
        email: user.email.clone(),
        user: Some(user.id),
        client_ip: None,
        app_password: None,
        requested_at: samples::now(),
        attempts: 0,
    };
    let (unreadable, readable) = (mail(MailKind::VerifyEmail), mail(MailKind::ResetPassword));
    let mut unit = store.begin().await.unwrap();
    for mail in [&unreadable, &readable] {
        unit.enqueue_mail(mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    change(&database, "UPDATE outbox SET client_ip = 'here' WHERE kind = 'verify_email'").await;
    assert_eq!(store.mails_of(&user).await.unwrap(), slice::from_ref(&readable));

    let reported = "UPDATE outbox SET app_password_name = 'Phone', app_password_scopes = 'of_tomorrow carddav' \
                    WHERE kind <> 'verify_email'";
    change(&database, reported).await;
    let reported = ReportedAppPassword { name: AppPasswordName::parse("Phone").unwrap(), scopes: Scopes::default() };
    let expected = Mail { app_password: Some(reported), ..readable };
    assert_eq!(store.mails_of(&user).await.unwrap(), [expected], "an unknown scope is left out");
}

async fn app_passwords_of_a_user_contain_the_readable_ones(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await.id;
    let named = |name| AppPassword { name: AppPasswordName::parse(name).unwrap(), ..samples::app_password(user) };
    let (phone, tablet, laptop) = (named("Phone"), named("Tablet"), named("Laptop"));
    let digests = [(); 3].map(|()| samples::secret().digest());
    let mut unit = store.begin().await.unwrap();
    for (password, digest) in [&phone, &tablet, &laptop].into_iter().zip(&digests) {
        unit.insert_app_password(password, digest).await.unwrap();
    }
    unit.commit().await.unwrap();
    change(&database, "UPDATE app_passwords SET scopes = 'of_tomorrow api:read' WHERE name = 'Tablet'").await;
    change(&database, "UPDATE app_passwords SET scopes = 'of_tomorrow' WHERE name = 'Laptop'").await;

    let tablet = AppPassword { scopes: Scopes::new([Scope::ApiRead]).unwrap(), ..tablet };
    assert_eq!(store.app_passwords_of(user).await.unwrap(), [tablet.clone(), phone]);
    let (found, _) = store.app_password_with_user(&digests[1]).await.unwrap().unwrap();
    assert_eq!(found, tablet, "an unknown scope allows nothing");
    assert!(store.app_password_with_user(&digests[2]).await.is_err(), "no scope is known");
}

async fn accounts_contain_the_readable_ones(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let mut users = Vec::new();
    for _ in 0..5 {
        users.push(samples::stored_user(&store).await);
    }
    let set = async |email: &Email, value: &str| {
        change(&database, &format!("UPDATE users SET {value} WHERE email = '{}'", email.as_str())).await;
    };
    set(&users[1].email, "locale = 'xx'").await;
    set(&users[2].email, "timezone = 'Mars/Olympus'").await;
    set(&users[4].email, "locale = 'xx'").await;
    for (limit, pages) in [(1, vec![vec![0], vec![3]]), (2, vec![vec![0], vec![3]]), (9, vec![vec![0, 3]])] {
        let mut after = None;
        for page in pages {
            let found = store.accounts(after, limit).await.unwrap();
            let found: Vec<_> = found.into_iter().map(|account| account.user).collect();
            let expected: Vec<_> = page.iter().map(|number: &usize| users[*number].clone()).collect();
            assert_eq!(found, expected, "pages of {limit}");
            after = found.last().map(|user| user.id);
        }
        assert_eq!(store.accounts(after, limit).await.unwrap(), [], "pages of {limit}");
    }
    assert!(store.account_by_email(&users[1].email).await.is_err());
}

async fn session_with_an_unreadable_ip_is_listed_and_works(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let session = samples::session(user.id);
    let mut unit = store.begin().await.unwrap();
    unit.insert_session(&session, &samples::secret().digest()).await.unwrap();
    unit.commit().await.unwrap();
    change(&database, "UPDATE sessions SET ip = 'here'").await;

    let expected = Session { client: ClientInfo { ip: None, ..session.client }, ..session };
    assert_eq!(store.sessions_of(user.id).await.unwrap(), slice::from_ref(&expected));
    let found = store.session_with_user(user.id, session.id).await.unwrap();
    assert_eq!(found, Some((expected.clone(), user.clone())));
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.lock_session(session.id).await.unwrap().unwrap().session, expected);
    assert!(unit.end_session(user.id, session.id).await.unwrap());
    unit.commit().await.unwrap();
}

async fn audit_trail_contains_events_with_an_unreadable_ip(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await.id;
    let event = AuditEvent {
        id: AuditEventId(samples::id()),
        at: samples::now(),
        user: Some(user),
        action: AuditAction::SignIn,
        outcome: AuditOutcome::Success,
        client: samples::session(user).client,
    };
    let mut unit = store.begin().await.unwrap();
    unit.record(&event).await.unwrap();
    unit.commit().await.unwrap();
    // Events cannot be changed. The id of the user is older than that of the event.
    let copy = "INSERT INTO audit_events (id, at, user_id, action, outcome, ip, user_agent) \
                SELECT user_id, at, user_id, action, outcome, 'here', user_agent FROM audit_events";
    change(&database, copy).await;

    let client = ClientInfo { ip: None, ..event.client.clone() };
    let unreadable = AuditEvent { id: AuditEventId(user.0), client, ..event.clone() };
    assert_eq!(store.audit_events_of(user, None, 9).await.unwrap(), [event, unreadable]);
}
