//! Schema migrations, run by one process at a time.

use std::time::Duration;

use domain::error::Source;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait as _,
};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};

use crate::{
    connections::ISOLATION,
    database::{Database, Engine},
    error::RedactedError,
    open_error::OpenError,
};

/// Maximum wait for another process that migrates.
const SQLITE_WAIT: Duration = Duration::from_secs(60);
const POSTGRES_WAIT: &str = "60s";
/// Key of the advisory lock: "contacts" in ASCII.
const LOCK: i64 = 0x636F_6E74_6163_7473;

/// Errors of [`Database::migrate`] and [`Database::migrate_back_to`].
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection was established.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A migration failed, or another process migrated for too long.
    #[error("migrating the database failed")]
    Failed(#[source] Source),
    /// A newer version of the service has applied migrations that this one does not know.
    #[error(
        "the schema is newer than this version of contacts-api, which does not know {unknown}: run the version that \
         applied it, or let that version revert it with: contacts-api migrate --back-to {newest_known}"
    )]
    Newer {
        /// The newest applied migration that is unknown.
        unknown: String,
        /// The newest migration that this version knows.
        newest_known: String,
    },
    /// The migration was never applied to this database. Contains its name, and the names of the applied ones.
    #[error("the migration {0} is not applied to this database; applied are: {1}")]
    NoSuchStep(String, String),
    /// Rows reference missing rows.
    #[error("after migrating, the database has rows that reference missing rows")]
    Orphans,
}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        Self::Failed(Box::new(RedactedError::of(&error)))
    }
}

/// Direction of a migration.
enum Direction<'a> {
    /// To the schema of this version.
    Up,
    /// Back to the schema after this migration.
    BackTo(&'a str),
}

impl Database {
    /// Applies the pending migrations. Of several processes one applies them and the others wait. The search columns of
    /// contacts may then be outdated: [`SqlStore::reindex`](crate::SqlStore::reindex) recomputes them.
    ///
    /// # Errors
    /// See [`MigrateError`]. An error leaves the schema unchanged.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        self.change_schema(&Direction::Up).await
    }

    /// Reverts every migration after `step`. Deletes the data in the tables and columns that they added.
    ///
    /// # Errors
    /// As for [`Database::migrate`].
    pub async fn migrate_back_to(&self, step: &str) -> Result<(), MigrateError> {
        self.change_schema(&Direction::BackTo(step)).await
    }

    async fn change_schema(&self, direction: &Direction<'_>) -> Result<(), MigrateError> {
        match self.engine() {
            Engine::Sqlite { options, create_if_missing } => {
                self.change_sqlite(options.clone(), *create_if_missing, direction).await
            }
            Engine::Postgres(options) => self.change_postgres(options.clone(), direction).await,
        }
    }

    async fn change_sqlite(
        &self,
        options: SqliteConnectOptions,
        create_if_missing: bool,
        direction: &Direction<'_>,
    ) -> Result<(), MigrateError> {
        // A migration that rebuilds a table drops the old one, which would delete the rows that reference it. Foreign
        // keys are checked afterwards instead (https://www.sqlite.org/lang_altertable.html).
        let pool =
            self.sqlite_pool(options.foreign_keys(false).busy_timeout(SQLITE_WAIT), create_if_missing, 1).await?;
        let outcome = change_in_one_transaction(&pool, direction).await;
        pool.close().await?;
        outcome
    }

    async fn change_postgres(&self, options: PgConnectOptions, direction: &Direction<'_>) -> Result<(), MigrateError> {
        // A wait for the lock is expected, and must not be logged as a slow statement.
        let pool = self.single_connection(options.disable_statement_logging()).await?;
        let outcome = change_under_advisory_lock(&pool, direction).await;
        pool.close().await?;
        outcome
    }
}

async fn change_in_one_transaction(pool: &DatabaseConnection, direction: &Direction<'_>) -> Result<(), MigrateError> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = pool.begin_with_options(immediate).await?;
    // The check reads all rows, so it must not delay each start.
    if apply(&transaction, direction).await? {
        let check = Statement::from_string(transaction.get_database_backend(), "PRAGMA foreign_key_check");
        if !transaction.query_all_raw(check).await?.is_empty() {
            return Err(MigrateError::Orphans);
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// One transaction, because behind a pooler the next one may have another session. The lock ends with it. After the wait
/// for the lock it reads what the process before has committed.
async fn change_under_advisory_lock(pool: &DatabaseConnection, direction: &Direction<'_>) -> Result<(), MigrateError> {
    let transaction = pool.begin().await?;
    // The session may have prepared statements of an earlier migration, with the names that the driver now chooses.
    let prepare = format!(
        "SET TRANSACTION ISOLATION LEVEL {ISOLATION}; SET LOCAL lock_timeout = '{POSTGRES_WAIT}'; \
         SET LOCAL statement_timeout = 0; DEALLOCATE ALL; SELECT pg_advisory_xact_lock({LOCK})"
    );
    transaction.execute_unprepared(&prepare).await?;
    apply(&transaction, direction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns false when there was nothing to change.
async fn apply(transaction: &DatabaseTransaction, direction: &Direction<'_>) -> Result<bool, MigrateError> {
    match steps(transaction, direction).await? {
        Steps::Up(0) | Steps::Down(0) => return Ok(false),
        Steps::Up(_) => Migrator::up(transaction, None).await?,
        Steps::Down(steps) => Migrator::down(transaction, Some(steps)).await?,
    }
    Ok(true)
}

/// Number of migrations to apply or to revert.
enum Steps {
    Up(usize),
    Down(u32),
}

/// Returns the migrations to run. Must be called under the lock. Rejects a schema with unknown migrations.
async fn steps(connection: &impl ConnectionTrait, direction: &Direction<'_>) -> Result<Steps, MigrateError> {
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let mut applied: Vec<String> =
        Migrator::get_migration_models(connection).await?.into_iter().map(|step| step.version).collect();
    applied.sort();
    if let Some(unknown) = applied.iter().rfind(|step| !known.contains(step)) {
        let (unknown, newest_known) = (unknown.clone(), known.last().cloned().unwrap_or_default());
        return Err(MigrateError::Newer { unknown, newest_known });
    }
    let Direction::BackTo(step) = direction else {
        return Ok(Steps::Up(known.len().saturating_sub(applied.len())));
    };
    match applied.iter().rev().position(|one| one == step) {
        Some(later) => Ok(Steps::Down(u32::try_from(later).unwrap_or(u32::MAX))),
        None => Err(MigrateError::NoSuchStep((*step).to_owned(), applied.join(", "))),
    }
}
