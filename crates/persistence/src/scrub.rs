//! What deleted rows leave in the files of SQLite.
//!
//! `secure_delete` overwrites them in the database. The write-ahead log still has the pages as they were, until it is
//! written over from its beginning; so it is written back and cut to nothing.

use std::time::Duration;

use domain::store::StoreError;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, pool::PoolConnection};

use crate::{
    SqlStore,
    database::BUSY_TIMEOUT,
    error::{backend, in_time},
};

/// How long readers are waited for; nobody writes meanwhile.
const READERS_TIMEOUT: Duration = Duration::from_millis(250);

/// Writes the log back and cuts it. `false` when a reader needs it.
pub(crate) async fn truncate_log(store: SqlStore) -> Result<bool, StoreError> {
    // In a task of its own: given up half-way, the connection would keep the short patience.
    let work = tokio::spawn(async move {
        let _turn = store.turn().await?;
        let mut connection = in_time(acquire(&store)).await?;
        let outcome = in_time(checkpoint(&mut connection)).await;
        in_time(set_timeout(&mut connection, BUSY_TIMEOUT)).await?;
        Ok(outcome?)
    });
    work.await.unwrap_or_else(|_| Err(backend("writing back the log was given up")))
}

async fn acquire(store: &SqlStore) -> Result<PoolConnection<Sqlite>, DbErr> {
    store.pool().get_sqlite_connection_pool().acquire().await.map_err(driver)
}

async fn checkpoint(connection: &mut SqliteConnection) -> Result<bool, DbErr> {
    set_timeout(connection, READERS_TIMEOUT).await?;
    let query = sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)");
    let busy = query.fetch_one(connection).await.map_err(driver)?;
    Ok(busy == 0)
}

async fn set_timeout(connection: &mut SqliteConnection, timeout: Duration) -> Result<(), DbErr> {
    let pragma = AssertSqlSafe(format!("PRAGMA busy_timeout = {}", timeout.as_millis()));
    sqlx::query(pragma).execute(connection).await.map_err(driver)?;
    Ok(())
}

fn driver(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
