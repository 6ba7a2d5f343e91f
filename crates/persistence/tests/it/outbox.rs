//! Mails that this version cannot read.

use std::sync::Arc;

use chrono::Duration;
use domain::{
    mail::{Mail, MailId, MailKind, OutboxQueries as _, OutboxStatus},
    store::Store,
};
use sea_orm::ConnectionTrait as _;
use testkit::samples;

use crate::databases::TestDatabase;

on_both!(a_mail_of_an_unknown_kind_waits_and_stops_no_other);

async fn enqueued(store: &dyn Store) -> Mail {
    let (id, address) = (MailId(samples::id()), samples::user().email);
    let kind = MailKind::VerifyEmail;
    let mail = Mail { id, kind, address, user: None, requested_at: samples::now(), attempts: 0 };
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

async fn a_mail_of_an_unknown_kind_waits_and_stops_no_other(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let raw = database.raw().await;
    let strange = enqueued(&store).await;
    raw.execute_unprepared("UPDATE outbox SET kind = 'of_tomorrow'").await.unwrap();
    assert!(!store.has_due_mail(samples::now()).await.unwrap(), "the sender would not come to rest");

    let known = enqueued(&store).await;
    assert!(store.has_due_mail(samples::now()).await.unwrap());
    assert_eq!(claimed(&store).await, [Mail { attempts: 1, ..known }]);
    let status = store.outbox_status(samples::now()).await.unwrap();
    assert_eq!(status, OutboxStatus { waiting: 2, due: 0, parked: 0 }, "it is counted, and not due");

    // The newer version is back.
    raw.execute_unprepared("UPDATE outbox SET kind = 'verify_email'").await.unwrap();
    assert_eq!(claimed(&store).await, [Mail { attempts: 1, ..strange }]);
}
