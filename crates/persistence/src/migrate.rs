//! The schema, changed by one process at a time.

use std::time::Duration;

use domain::store::Source;
use migration::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
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
    /// Another version of the service has changed the schema in a way that this one does not know.
    #[error(
        "the schema is newer than this version of contacts-api, which does not know {unknown}: run the version that \
         made it, or let that version take it back with: contacts-api migrate --back-to {newest_known}"
    )]
    Newer {
        /// The newest change that is not known.
        unknown: String,
        /// The newest change that is.
        newest_known: String,
    },
    /// No such change was ever made to this database.
    #[error("{0} is no change that was made to this database; they are: {1}")]
    NoSuchStep(String, String),
    /// Rows point to rows that are not there.
    #[error("after migrating, the database has rows whose owner is missing")]
    Orphans,
}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        Self::Failed(Box::new(Told::of(&error)))
    }
}

/// Which way the schema goes.
enum Way<'a> {
    /// To where this version wants it.
    Up,
    /// Back to where it was after this change.
    BackTo(&'a str),
}

impl Database {
    /// Applies what is not applied yet. Of several processes at once one does it and the others wait. What contacts are
    /// searched by may be of an earlier version then: [`SqlStore::refold`](crate::SqlStore::refold) computes it anew.
    ///
    /// # Errors
    /// See [`MigrateError`]. On SQLite nothing has changed then; on PostgreSQL the changes before
    /// the one that failed stay.
    pub async fn migrate(&self) -> Result<(), MigrateError> {
        self.change_schema(&Way::Up).await
    }

    /// Takes back every change after that one, with all that was kept in what it added.
    ///
    /// # Errors
    /// As for [`Database::migrate`].
    pub async fn migrate_back_to(&self, step: &str) -> Result<(), MigrateError> {
        self.change_schema(&Way::BackTo(step)).await
    }

    async fn change_schema(&self, way: &Way<'_>) -> Result<(), MigrateError> {
        match self.engine() {
            Engine::Sqlite { options, may_make } => self.change_sqlite(options.clone(), *may_make, way).await,
            Engine::Postgres(options) => self.change_postgres(options.clone(), way).await,
        }
    }

    async fn change_sqlite(
        &self,
        options: SqliteConnectOptions,
        may_make: bool,
        way: &Way<'_>,
    ) -> Result<(), MigrateError> {
        // A change that rebuilds a table drops the old one, which would delete whatever points to it:
        // foreign keys are checked afterwards instead (https://www.sqlite.org/lang_altertable.html).
        let pool = self.sqlite_pool(options.foreign_keys(false).busy_timeout(SQLITE_WAIT), may_make, 1).await?;
        let outcome = change_in_one_transaction(&pool, way).await;
        pool.close().await?;
        outcome
    }

    async fn change_postgres(&self, options: PgConnectOptions, way: &Way<'_>) -> Result<(), MigrateError> {
        let limits = [("lock_timeout", POSTGRES_WAIT), ("statement_timeout", "0")];
        // One connection: the advisory lock belongs to it, and ends with it whatever happens.
        let pool = self.postgres_pool(options.options(limits), 1).await?;
        let outcome = change_under_advisory_lock(&pool, way).await;
        pool.close().await?;
        outcome
    }
}

async fn change_in_one_transaction(pool: &DatabaseConnection, way: &Way<'_>) -> Result<(), MigrateError> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = pool.begin_with_options(immediate).await?;
    match steps(&transaction, way).await? {
        Steps::Up => Migrator::up(&transaction, None).await?,
        Steps::Down(steps) => Migrator::down(&transaction, Some(steps)).await?,
    }
    let check = Statement::from_string(transaction.get_database_backend(), "PRAGMA foreign_key_check");
    if !transaction.query_all_raw(check).await?.is_empty() {
        return Err(MigrateError::Orphans);
    }
    transaction.commit().await?;
    Ok(())
}

async fn change_under_advisory_lock(pool: &DatabaseConnection, way: &Way<'_>) -> Result<(), MigrateError> {
    pool.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})")).await?;
    match steps(pool, way).await? {
        Steps::Up => Migrator::up(pool, None).await?,
        Steps::Down(steps) => Migrator::down(pool, Some(steps)).await?,
    }
    Ok(())
}

/// What is to be done, as the migrator wants to be told.
enum Steps {
    Up,
    Down(u32),
}

/// To be asked under the lock. Refuses a schema that is not known whole.
async fn steps(connection: &impl ConnectionTrait, way: &Way<'_>) -> Result<Steps, MigrateError> {
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let mut applied: Vec<String> =
        Migrator::get_migration_models(connection).await?.into_iter().map(|step| step.version).collect();
    applied.sort();
    if let Some(unknown) = applied.iter().rfind(|step| !known.contains(step)) {
        let (unknown, newest_known) = (unknown.clone(), known.last().cloned().unwrap_or_default());
        return Err(MigrateError::Newer { unknown, newest_known });
    }
    let Way::BackTo(step) = way else { return Ok(Steps::Up) };
    match applied.iter().rev().position(|one| one == step) {
        Some(later) => Ok(Steps::Down(u32::try_from(later).unwrap_or(u32::MAX))),
        None => Err(MigrateError::NoSuchStep((*step).to_owned(), applied.join(", "))),
    }
}
