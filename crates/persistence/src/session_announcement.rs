//! Announcement of changed sessions on SQLite, by a process that does not serve. On PostgreSQL triggers do it.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement};

use crate::connections::Transaction;

/// Raises the number of the file, within the transaction that changes a user or a session.
pub(crate) async fn announce(transaction: &Transaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let row = transaction.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA user_version")).await?;
    let number = row.map(|row| row.try_get_by_index::<i32>(0)).transpose()?.unwrap_or_default();
    transaction.execute_unprepared(&format!("PRAGMA user_version = {}", number.wrapping_add(1))).await?;
    Ok(())
}
