//! The write lock of SQLite: writers wait for each other, and not for readers.

use std::time::Duration;

use domain::{
    error::StoreError,
    store::{Store as _, UnitOfWork as _},
};
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;

use crate::{Database, DatabaseSettings, Pooling, SqlStore};

/// A new database, and the stores of two workers with one connection each.
async fn stores() -> (TempDir, [SqlStore; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let settings = DatabaseSettings {
        url: format!("sqlite://{}?mode=rwc", folder.path().join("contacts.db").display()),
        pooling: Pooling::Session,
        max_connections: 1,
        acquire_timeout: Duration::from_millis(500),
    };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    let stores = [database.open().await.unwrap(), database.open().await.unwrap()];
    (folder, stores)
}

/// The runtime has one thread, so the rollback has not run when the drop returns.
#[tokio::test]
async fn next_writer_begins_after_the_rollback() {
    let (_folder, [store, other]) = stores().await;
    other.pool().execute_unprepared("PRAGMA busy_timeout = 0").await.unwrap();
    drop(store.begin_unit().await.unwrap());
    assert!(store.writers().unwrap().is_locked(), "before the rollback");
    let lock = store.lock_writer().await.unwrap();
    // Without a timeout it fails while another transaction is open.
    other.pool().execute_unprepared("BEGIN IMMEDIATE; ROLLBACK").await.unwrap();
    drop(lock);
    let unit = store.begin_unit().await.unwrap();
    Box::new(unit).commit().await.unwrap();
    assert!(!store.writers().unwrap().is_locked(), "after a commit");
}

#[tokio::test]
async fn writer_does_not_wait_for_readers() {
    let (_folder, [store, _]) = stores().await;
    let reader = store.pool().lend().await.unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "the only connection is in use: {error:?}");
    store.begin().await.unwrap().commit().await.unwrap();
    assert!(store.scrub().await.unwrap(), "the log is truncated");
    drop(reader);
    store.ping().await.unwrap();
}
