//! Connections that are lent: how they return, and in which state.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Statement};
use testkit::postgres::FreshDatabase;
use tokio::time::timeout;

use super::Pool;
use crate::{Database, DatabaseSettings, Pooling};

/// A pool with one connection.
async fn pool(url: &str) -> Pool {
    let (url, acquire_timeout) = (url.to_owned(), Duration::from_secs(20));
    let settings = DatabaseSettings { url, pooling: Pooling::Session, max_connections: 1, acquire_timeout };
    Database::new(settings).unwrap().open().await.unwrap().pool().clone()
}

async fn number(pool: &Pool, sql: &str) -> i64 {
    let statement = Statement::from_string(pool.get_database_backend(), sql);
    pool.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Cancels a statement, and a transaction. The only connection works afterwards.
async fn assert_cancelled_work_ends(pool: &Pool, slow: &str) {
    pool.execute_unprepared("CREATE TABLE notes (note integer)").await.unwrap();
    for work in ["statement", "transaction"] {
        let cancelled = async {
            if work == "statement" {
                number(pool, slow).await;
            } else {
                let transaction = pool.begin(None).await.unwrap();
                transaction.execute_unprepared("INSERT INTO notes VALUES (1)").await.unwrap();
                transaction.execute_unprepared(slow).await.unwrap();
            }
        };
        assert!(timeout(Duration::from_millis(20), cancelled).await.is_err(), "{work} was not cancelled");
        assert_eq!(number(pool, "SELECT count(*) FROM notes").await, 0, "{work}");
    }
    let transaction = pool.begin(None).await.unwrap();
    transaction.execute_unprepared("INSERT INTO notes VALUES (2)").await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(pool.status().available, 1, "a connection with finished work returns at once");
    assert_eq!(number(pool, "SELECT count(*) FROM notes").await, 1);
    assert_eq!(pool.status().available, 1);
}

#[tokio::test]
async fn cancelled_work_ends_before_its_connection_is_lent_again_on_postgres() {
    let fresh = FreshDatabase::create().await;
    let pool = pool(&fresh.url).await;
    let session = number(&pool, "SELECT pg_backend_pid()::bigint").await;
    assert_cancelled_work_ends(&pool, "SELECT 1::bigint FROM pg_sleep(0.3)").await;
    assert_eq!(number(&pool, "SELECT pg_backend_pid()::bigint").await, session, "the connection is the same");
    pool.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn cancelled_work_ends_before_its_connection_is_lent_again_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&format!("sqlite://{}/contacts.db?mode=rwc", folder.path().display())).await;
    let slow = "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT 3000000) \
                SELECT max(number) FROM numbers";
    assert_cancelled_work_ends(&pool, slow).await;
    pool.close().await;
}

#[tokio::test]
async fn broken_connection_is_not_lent_again() {
    let fresh = FreshDatabase::create().await;
    let pool = pool(&fresh.url).await;
    let session = number(&pool, "SELECT pg_backend_pid()::bigint").await;
    pool.execute_unprepared("SELECT pg_terminate_backend(pg_backend_pid())").await.unwrap_err();
    assert_ne!(number(&pool, "SELECT pg_backend_pid()::bigint").await, session);
    pool.close().await;
    fresh.remove().await;
}

#[tokio::test]
async fn closing_a_pool_waits_for_connections_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&format!("sqlite://{}/contacts.db?mode=rwc", folder.path().display())).await;
    let lent = pool.lend().await.unwrap();
    let closing = tokio::spawn({
        let pool = pool.clone();
        async move { pool.close().await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!closing.is_finished());
    drop(lent);
    closing.await.unwrap();
    assert!(pool.lend().await.is_err());
}
