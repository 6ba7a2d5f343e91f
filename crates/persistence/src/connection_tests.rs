//! Sessions of PostgreSQL: their settings on every way to it, and their end when the server becomes read-only.

use std::time::Duration;

use domain::{account::PasswordHash, error::StoreError, store::Store as _};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::postgres::PgConnectOptions;
use testkit::{
    pgbouncer::{PgBouncer, PoolMode},
    postgres::FreshDatabase,
    samples,
};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use crate::{
    Database, DatabaseSettings, Pooling, SqlStore,
    connections::{Connector, Pool, Replacement},
    error::Failure,
};

async fn store(url: &str, pooling: Pooling) -> SqlStore {
    let (url, acquire_timeout) = (url.to_owned(), Duration::from_secs(20));
    let settings = DatabaseSettings { url, pooling, max_connections: 1, acquire_timeout };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    database.open().await.unwrap()
}

async fn settings(connection: &impl ConnectionTrait) -> [String; 4] {
    let sql = "SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement, \
               current_setting('idle_in_transaction_session_timeout') AS idle, \
               current_setting('transaction_isolation') AS isolation";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    ["lock", "statement", "idle", "isolation"].map(|column| row.try_get("", column).unwrap())
}

#[tokio::test]
async fn reads_and_writes_have_timeouts_and_isolation_with_and_without_a_pooler() {
    const EXPECTED: [&str; 4] = ["5s", "10s", "30s", "read committed"];
    let fresh = FreshDatabase::create().await;
    let stricter = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', \
                    current_database(), 'repeatable read'); END $$";
    testkit::database::execute(&fresh.url, stricter).await;
    // One session for all clients of a pooler.
    let by_session = PgBouncer::start(PoolMode::Session, &fresh.url, 1).await;
    let by_transaction = PgBouncer::start(PoolMode::Transaction, &fresh.url, 1).await;
    for (url, pooling) in [
        (&fresh.url, Pooling::Session),
        (&by_session.url, Pooling::Session),
        (&by_transaction.url, Pooling::Transaction),
    ] {
        let store = store(url, pooling).await;
        assert_eq!(settings(store.pool()).await, EXPECTED, "a read, {url}");
        let unit = store.begin_unit().await.unwrap();
        assert_eq!(settings(unit.transaction()).await, EXPECTED, "a write, {url}");
        drop(unit);
        store.close().await;
    }
    fresh.remove().await;
}

#[tokio::test]
async fn a_read_only_server_is_unavailable_and_its_connections_are_replaced() {
    let fresh = FreshDatabase::create().await;
    let store = store(&fresh.url, Pooling::Session).await;
    let user = samples::user();
    let hash = PasswordHash("hash".to_owned());
    // Only this session: the next one is writable, like one to the new server after a failover.
    store.pool().execute_unprepared("SET default_transaction_read_only = on").await.unwrap();
    let mut unit = store.begin().await.unwrap();
    let error = unit.insert_user(&user, &hash).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    unit.insert_user(&user, &hash).await.unwrap();
    unit.commit().await.unwrap();
    store.close().await;
    fresh.remove().await;
}

/// As a proxy does whose server is stopped.
#[tokio::test]
async fn a_server_that_closes_new_connections_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 8];
            connection.read_exact(&mut request).await.unwrap();
        }
    });
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("postgres");
    let connector = Connector::Sessions(options, Replacement::default());
    let pool = Pool::new(connector, 1, Duration::from_secs(20));
    let error = pool.begin(None).await.err().map(|error| StoreError::from(Failure::Database(error)));
    assert!(matches!(error, Some(StoreError::Unavailable(_))), "{error:?}");
}

/// A begin that waits for a session of the pooler, and whose caller gives up, must not occupy the session later.
#[tokio::test]
async fn a_cancelled_begin_leaves_no_open_transaction() {
    let fresh = FreshDatabase::create().await;
    let pooler = PgBouncer::start(PoolMode::Transaction, &fresh.url, 1).await;
    let (first, second) =
        (store(&pooler.url, Pooling::Transaction).await, store(&pooler.url, Pooling::Transaction).await);
    let unit = first.begin().await.unwrap();
    let cancelled = tokio::time::timeout(Duration::from_millis(300), second.begin()).await;
    assert!(cancelled.is_err(), "the only session is in use");
    drop(unit);
    // The only session is free again.
    first.ping().await.unwrap();
    first.close().await;
    second.close().await;
    fresh.remove().await;
}
