//! The schema, brought up to date by one process at a time.

use std::time::Duration;

use domain::store::Source;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};

use crate::{Database, OpenError, database::Engine, error::Told};

/// How long to wait for another process that migrates.
const SQLITE_WAIT: Duration = Duration::from_secs(60);
const POSTGRES_WAIT: &str = "60s";
/// The name of the advisory lock: "contacts" in ASCII.
const LOCK: i64 = 0x636F_6E74_6163_7473;

/// Why the schema is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A change failed, or another process was at it for too long.
    #[error("migrating the database failed")]
    Failed(#[source] Source),
    /// Rows point to rows that are not there.
    #[error("after migrating, the database has rows whose owner is missing")]
    Orphans,
}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        Self::Failed(Box::new(Told::of(&error)))
    }
}

impl Database {
    /// Applies what is not applied yet. Of several processes at once one does it and the others wait.
    ///
    /// # Errors
    /// See [`MigrateError`]. On SQLite nothing has changed then; on PostgreSQL the changes before
    /// the one that failed stay.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        match self.engine() {
            Engine::Sqlite { options, may_make } => self.migrate_sqlite(options.clone(), *may_make).await,
            Engine::Postgres(options) => self.migrate_postgres(options.clone()).await,
        }
    }

    async fn migrate_sqlite(&self, options: SqliteConnectOptions, may_make: bool) -> Result<(), MigrateError> {
        // A change that rebuilds a table drops the old one, which would delete whatever points to it:
        // foreign keys are checked afterwards instead (https://www.sqlite.org/lang_altertable.html).
        let pool = self.sqlite_pool(options.foreign_keys(false).busy_timeout(SQLITE_WAIT), may_make, 1).await?;
        let outcome = migrate_in_one_transaction(&pool).await;
        pool.close().await?;
        outcome
    }

    async fn migrate_postgres(&self, options: PgConnectOptions) -> Result<(), MigrateError> {
        let limits = [("lock_timeout", POSTGRES_WAIT), ("statement_timeout", "0")];
        // One connection: the advisory lock belongs to it, and ends with it whatever happens.
        let pool = self.postgres_pool(options.options(limits), 1).await?;
        let outcome = migrate_under_advisory_lock(&pool).await;
        pool.close().await?;
        outcome
    }
}

async fn migrate_in_one_transaction(pool: &DatabaseConnection) -> Result<(), MigrateError> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = pool.begin_with_options(immediate).await?;
    Migrator::up(&transaction, None).await?;
    let check = Statement::from_string(transaction.get_database_backend(), "PRAGMA foreign_key_check");
    if !transaction.query_all_raw(check).await?.is_empty() {
        return Err(MigrateError::Orphans);
    }
    transaction.commit().await?;
    Ok(())
}

async fn migrate_under_advisory_lock(pool: &DatabaseConnection) -> Result<(), MigrateError> {
    pool.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})")).await?;
    Migrator::up(pool, None).await?;
    Ok(())
}
