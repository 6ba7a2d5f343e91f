//! Errors without stored values.

use std::{sync::Arc, time::Duration};

use domain::{
    account::{PasswordHash, User, UserQueries as _},
    audit::{AuditAction, AuditEvent, AuditOutcome, AuditQueries as _},
    client::ClientInfo,
    contact::{Contact, ContactQueries as _},
    error::StoreError,
    ids::{AuditEventId, ContactId, UserId},
    store::Store,
};
use sea_orm::ConnectionTrait as _;
use testkit::samples;

use crate::{
    cancelling::{WHOLE, cancel_after_polls},
    databases::{Kind, TestDatabase, with},
};

on_both!(
    dropped_unit_is_rolled_back,
    cancelled_request_commits_all_or_nothing,
    failed_unit_cannot_be_committed,
    store_errors_contain_no_values,
    connection_timeout_is_reported_as_unavailable,
    corrupt_row_is_a_backend_error,
    audit_event_cannot_be_changed,
);

fn hash() -> PasswordHash {
    PasswordHash("hash".to_owned())
}

async fn dropped_unit_is_rolled_back(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::user();
    for _ in 0..20 {
        let mut unit = store.begin().await.unwrap();
        unit.insert_user(&user, &hash()).await.unwrap();
        drop(unit);
    }
    assert!(store.credentials_by_email(&user.email).await.unwrap().is_none());
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &hash()).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.credentials_by_email(&user.email).await.unwrap().unwrap().user, user);
}

async fn stored(store: &dyn Store, user: &User, contact: &Contact) -> (bool, bool) {
    let has_user = store.credentials_by_email(&user.email).await.unwrap().is_some();
    let has_contact = store.find_contact(user.id, contact.id).await.unwrap().is_some();
    (has_user, has_contact)
}

async fn cancelled_request_commits_all_or_nothing(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let mut finished = 0;
    for polls in (0..119).chain([WHOLE]) {
        let user = samples::user();
        let contact = samples::contact(user.id, samples::card("Olena", "Koval"));
        let request = async {
            let mut unit = store.begin().await.unwrap();
            unit.insert_user(&user, &hash()).await.unwrap();
            unit.insert_contacts(std::slice::from_ref(&contact)).await.unwrap();
            unit.commit().await.unwrap();
        };
        finished += u32::from(cancel_after_polls(polls, request).await);
        // A commit in progress may end at any time, also between two queries.
        let mut tries = 0;
        while let (true, false) | (false, true) = stored(&store, &user, &contact).await {
            tries += 1;
            assert!(tries < 100, "half of a unit was written after {polls} polls");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    assert!((1..120).contains(&finished), "{finished} of 120 ended: some must be cut off, and some not");
}

async fn failed_unit_cannot_be_committed(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let taken = samples::stored_user(&store).await;
    let (first, mut second) = (samples::user(), samples::user());
    second.email = taken.email;
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&first, &hash()).await.unwrap();
    assert!(matches!(unit.insert_user(&second, &hash()).await, Err(StoreError::Conflict(_))));
    assert!(unit.insert_user(&samples::user(), &hash()).await.is_err(), "it is only good for being dropped");
    assert!(matches!(unit.commit().await, Err(StoreError::Backend(_))));
    assert!(store.credentials_by_email(&first.email).await.unwrap().is_none());
}

async fn store_errors_contain_no_values(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let mut same_id = samples::user();
    same_id.id = user.id;
    let mut unit = store.begin().await.unwrap();
    let error = unit.insert_user(&same_id, &hash()).await.unwrap_err();
    assert!(matches!(error, StoreError::Backend(_)), "an id given twice is no taken address");
    assert!(!format!("{error:?}").contains(&user.id.to_string()));
    drop(unit);

    let no_user = UserId(samples::id());
    let mut unit = store.begin().await.unwrap();
    let error = unit.insert_contacts(&[samples::contact(no_user, samples::card("Olena", "Koval"))]).await.unwrap_err();
    assert!(matches!(error, StoreError::Backend(_)));
    let debug = format!("{error:?}");
    assert!(!debug.contains("Olena") && !debug.contains(&no_user.to_string()), "{debug}");
}

async fn connection_timeout_is_reported_as_unavailable(database: Arc<TestDatabase>) {
    database.database().migrate().await.unwrap();
    let store = database.database_with(1, Duration::from_millis(200)).open().await.unwrap();
    let unit = store.begin().await.unwrap();
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))), "a second writer gives up");
    let read = store.ping().await;
    match database.kind {
        Kind::Sqlite => read.expect("a writer takes no connection of the readers"),
        Kind::Postgres => assert!(matches!(read, Err(StoreError::Unavailable(_))), "the only connection is taken"),
    }
    drop(unit);
    store.begin().await.unwrap();
    store.close().await;
}

async fn corrupt_row_is_a_backend_error(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let user = samples::stored_user(&store).await;
    let raw = database.raw().await;
    raw.execute_unprepared("UPDATE users SET locale = 'xx-personal'").await.unwrap();
    let error = store.credentials_by_email(&user.email).await.unwrap_err();
    assert!(matches!(error, StoreError::Backend(_)));
    assert!(!format!("{error:?}").contains("xx-personal"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_are_replaced() {
    with(Kind::Postgres, async |database: Arc<TestDatabase>| {
        let store = database.store().await;
        // Two connections, because the pool can lose more than one.
        let (first, second) = (store.begin().await.unwrap(), store.begin().await.unwrap());
        drop((first, second));
        let raw = database.raw().await;
        let all_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";
        raw.execute_unprepared(all_others).await.unwrap();
        let mut rejected = 0;
        for _ in 0..20 {
            match store.find_contact(UserId(samples::id()), ContactId(samples::id())).await {
                Ok(_) => {}
                Err(StoreError::Unavailable(_)) => rejected += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        assert!(rejected <= 2, "each lost connection may be noticed once, not {rejected} times");

        raw.execute_unprepared(all_others).await.unwrap();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        store.ping().await.expect("an idle connection is tried before it is used");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locked_sqlite_file_is_unavailable() {
    with(Kind::Sqlite, async |database: Arc<TestDatabase>| {
        let store = database.store().await;
        // Another process, whose writers do not take turns with those of this one.
        let other = database.database().open().await.unwrap();
        let unit = other.begin().await.unwrap();
        assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))), "after waiting for the lock");
        drop(unit);
        store.begin().await.unwrap();
    })
    .await;
}

async fn audit_event_cannot_be_changed(database: Arc<TestDatabase>) {
    let store = database.store().await;
    let event = AuditEvent {
        id: AuditEventId(samples::id()),
        at: samples::now(),
        user: Some(UserId(samples::id())),
        action: AuditAction::SignIn,
        outcome: AuditOutcome::WrongPassword,
        client: ClientInfo::default(),
    };
    let mut unit = store.begin().await.unwrap();
    unit.record(&event).await.unwrap();
    unit.commit().await.unwrap();
    let raw = database.raw().await;
    let rejected = raw.execute_unprepared("UPDATE audit_events SET outcome = 'success'").await.unwrap_err();
    assert!(rejected.to_string().contains("audit_events is append-only"), "{rejected}");
    raw.close().await.unwrap();
    assert_eq!(store.audit_events_of(event.user.unwrap(), None, 10).await.unwrap(), [event]);
}
