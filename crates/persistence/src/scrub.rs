//! Removal of deleted rows from the files of SQLite.
//!
//! `secure_delete` overwrites deleted rows in the database file. The write-ahead log still contains the old pages until
//! it is overwritten from its beginning. A checkpoint writes it back and truncates it to zero bytes.

use domain::error::StoreError;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};
use tokio::sync::OwnedMutexGuard;

use crate::error::{backend, in_time};

/// Maximum wait for readers. Writers are blocked meanwhile.
const READERS_TIMEOUT_MILLIS: i64 = 250;

/// Writes the log back and truncates it, while no other unit writes. Returns `false` when a reader still needs it.
pub(crate) async fn truncate_log(
    pool: SqlitePool,
    write_lock: Option<OwnedMutexGuard<()>>,
) -> Result<bool, StoreError> {
    // In a separate task: a cancelled caller would leave the connection with the short timeout.
    let work = tokio::spawn(async move {
        let _write_lock = write_lock;
        let mut connection = in_time(async { pool.acquire().await.map_err(driver) }).await?;
        let usual = in_time(timeout_of(&mut connection)).await?;
        let outcome = in_time(checkpoint(&mut connection)).await;
        in_time(set_timeout(&mut connection, usual)).await?;
        Ok(outcome?)
    });
    work.await.unwrap_or_else(|_| Err(backend("the checkpoint task was cancelled")))
}

async fn checkpoint(connection: &mut SqliteConnection) -> Result<bool, DbErr> {
    set_timeout(connection, READERS_TIMEOUT_MILLIS).await?;
    let query = sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)");
    let busy = query.fetch_one(connection).await.map_err(driver)?;
    Ok(busy == 0)
}

/// Returns the timeout of a connection for locks, in milliseconds.
async fn timeout_of(connection: &mut SqliteConnection) -> Result<i64, DbErr> {
    sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(connection).await.map_err(driver)
}

async fn set_timeout(connection: &mut SqliteConnection, millis: i64) -> Result<(), DbErr> {
    let pragma = AssertSqlSafe(format!("PRAGMA busy_timeout = {millis}"));
    sqlx::query(pragma).execute(connection).await.map_err(driver)?;
    Ok(())
}

fn driver(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
