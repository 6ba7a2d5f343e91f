//! Mails that this version cannot read.

use std::sync::Arc;

use chrono::Duration;
use domain::{
    ids::MailId,
    mail::{Mail, MailKind, OutboxQueries as _, OutboxStatus},
    store::Store,
};
use sea_orm::{ConnectionTrait as _, Statement};
use testkit::samples;

use crate::databases::TestDatabase;

on_both!(
    mail_of_unknown_kind_waits_without_blocking_others,
    mail_with_an_unknown_scope_is_parked_without_blocking_others,
    parked_mail_is_resent_by_the_documented_statement,
);

async fn enqueued(store: &dyn Store) -> Mail {
    let (id, email) = (MailId(samples::id()), samples::user().email);
    let kind = MailKind::VerifyEmail;
    let mail = Mail {
        id,
        kind,
        email,
        user: None,
        client_ip: None,
        app_password: None,
        requested_at: samples::now(),
        attempts: 0,
    };
    let mut unit = store.begin().await.unwrap();
    unit.enqueue_mail(&mail).await.unwrap();
    unit.commit().await.unwrap();
    mail
}

async fn claimed(store: &dyn Store) -> Vec<Mail> {
    let mut unit = store.begin().await.unwrap();
    let lease = samples::now() + Duration::minutes(5);
    let claimed = unit.claim_due_mail(samples::now(), lease, 10).await.unwrap();
    unit.commit().await.unwrap();
    claimed
}

async fn mail_with_an_unknown_scope_is_parked_without_blocking_others(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let raw = database.raw().await;
    enqueued(&store).await;
    raw.execute_unprepared("UPDATE outbox SET app_password_name = 'phone', app_password_scopes = 'of_tomorrow'")
        .await
        .unwrap();
    let mail = enqueued(&store).await;
    assert_eq!(claimed(&store).await, [Mail { attempts: 1, ..mail }]);
    let status = store.outbox_status(samples::now()).await.unwrap();
    assert_eq!((status.waiting, status.due, status.parked), (1, 0, 1));
    raw.close().await.unwrap();
}

async fn mail_of_unknown_kind_waits_without_blocking_others(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let raw = database.raw().await;
    let strange = enqueued(&store).await;
    raw.execute_unprepared("UPDATE outbox SET kind = 'of_tomorrow'").await.unwrap();
    assert!(!store.has_due_mail(samples::now()).await.unwrap(), "the sender would not come to rest");

    let known = enqueued(&store).await;
    assert!(store.has_due_mail(samples::now()).await.unwrap());
    assert_eq!(claimed(&store).await, [Mail { attempts: 1, ..known }]);
    let status = store.outbox_status(samples::now()).await.unwrap();
    assert_eq!(status, OutboxStatus { waiting: 2, ..OutboxStatus::default() }, "it is counted, and not due");

    // The newer version is back.
    raw.execute_unprepared("UPDATE outbox SET kind = 'verify_email'").await.unwrap();
    assert_eq!(claimed(&store).await, [Mail { attempts: 1, ..strange }]);
}

async fn parked_mail_is_resent_by_the_documented_statement(database: Arc<TestDatabase>) {
    let documented = include_str!("../../../../docs/operating.md").lines();
    let statements: Vec<&str> =
        documented.filter(|line| line.contains("FROM outbox") || line.contains("UPDATE outbox")).collect();
    let [look, again, drop] = statements[..] else { panic!("{statements:?}") };
    let (store, raw) = (database.store().await, database.raw().await);
    let mail = enqueued(&store).await;
    let park = async || {
        let mut unit = store.begin().await.unwrap();
        unit.park_mail(mail.id, "550 nobody").await.unwrap();
        unit.commit().await.unwrap();
    };
    park().await;
    assert!(!store.has_due_mail(now()).await.unwrap());
    let backend = raw.get_database_backend();
    let parked = raw.query_all_raw(Statement::from_string(backend, look)).await.unwrap();
    let errors = parked.iter().map(|row| row.try_get::<String>("", "last_error").unwrap());
    assert_eq!(errors.collect::<Vec<_>>(), ["550 nobody"]);

    raw.execute_unprepared(again).await.unwrap();
    let mut unit = store.begin().await.unwrap();
    let claimed = unit.claim_due_mail(now(), now() + Duration::minutes(5), 10).await.unwrap();
    assert_eq!(claimed, [Mail { attempts: 1, ..mail.clone() }]);
    unit.commit().await.unwrap();

    park().await;
    raw.execute_unprepared(drop).await.unwrap();
    assert_eq!(store.outbox_status(now()).await.unwrap(), OutboxStatus::default());
    raw.close().await.unwrap();
}

/// The statement uses the clock of the database.
#[expect(clippy::disallowed_methods, reason = "it is the time of the database that counts here")]
fn now() -> domain::time::Timestamp {
    chrono::Utc::now()
}
