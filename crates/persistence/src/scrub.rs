//! Removal of deleted rows from the files of SQLite.
//!
//! `secure_delete` overwrites deleted rows in the database file. The write-ahead log still contains the old pages until
//! it is overwritten from its beginning. A checkpoint writes it back and truncates it to zero bytes.

use std::time::Duration;

use domain::error::StoreError;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection, pool::PoolConnection};

use crate::{
    SqlStore,
    database::BUSY_TIMEOUT,
    error::{backend, in_time},
};

/// Maximum wait for readers. Writers are blocked meanwhile.
const READERS_TIMEOUT: Duration = Duration::from_millis(250);

/// Writes the log back and truncates it. Returns `false` when a reader still needs it.
pub(crate) async fn truncate_log(store: SqlStore) -> Result<bool, StoreError> {
    // In a separate task: a cancelled caller would leave the connection with the short timeout.
    let work = tokio::spawn(async move {
        let _write_lock = store.lock_writer().await?;
        let mut connection = in_time(acquire(&store)).await?;
        let outcome = in_time(checkpoint(&mut connection)).await;
        in_time(set_timeout(&mut connection, BUSY_TIMEOUT)).await?;
        Ok(outcome?)
    });
    work.await.unwrap_or_else(|_| Err(backend("the checkpoint task was cancelled")))
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
