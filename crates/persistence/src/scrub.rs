//! Removal of deleted rows from the files of SQLite.
//!
//! `secure_delete` overwrites deleted rows in the database file. The write-ahead log still contains the old pages until
//! it is overwritten from its beginning. A checkpoint writes it back and truncates it to zero bytes.

use domain::error::StoreError;
use sea_orm::{DbBackend, DbErr, Statement};
use tokio::sync::OwnedMutexGuard;

use crate::{
    connections::{Lent, Pool},
    error::{backend, in_time},
};

/// Maximum wait for readers. Writers are blocked meanwhile.
const READERS_TIMEOUT_MILLIS: i64 = 250;

/// Writes the log back and truncates it, while no other unit writes. Returns `false` when a reader still needs it.
pub(crate) async fn truncate_log(pool: Pool, write_lock: Option<OwnedMutexGuard<()>>) -> Result<bool, StoreError> {
    // In a separate task: a cancelled caller would leave the connection with the short timeout.
    let work = tokio::spawn(async move {
        let mut connection = in_time(pool.lend_to_writer(write_lock)).await?;
        let usual = in_time(timeout_of(&mut connection)).await?;
        let outcome = in_time(checkpoint(&mut connection)).await;
        in_time(set_timeout(&mut connection, usual)).await?;
        Ok(outcome?)
    });
    work.await.unwrap_or_else(|_| Err(backend("the checkpoint task was cancelled")))
}

async fn checkpoint(connection: &mut Lent) -> Result<bool, DbErr> {
    set_timeout(connection, READERS_TIMEOUT_MILLIS).await?;
    let busy: i64 = pragma(connection, "PRAGMA wal_checkpoint(TRUNCATE)".to_owned()).await?;
    Ok(busy == 0)
}

/// Returns the timeout of a connection for locks, in milliseconds.
async fn timeout_of(connection: &mut Lent) -> Result<i64, DbErr> {
    pragma(connection, "PRAGMA busy_timeout".to_owned()).await
}

async fn set_timeout(connection: &mut Lent, millis: i64) -> Result<(), DbErr> {
    pragma(connection, format!("PRAGMA busy_timeout = {millis}")).await.map(drop)
}

/// Returns the first value that a pragma returns.
async fn pragma(connection: &mut Lent, sql: String) -> Result<i64, DbErr> {
    let row = connection.query_one(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("pragma".to_owned()))?.try_get_by_index(0)
}
