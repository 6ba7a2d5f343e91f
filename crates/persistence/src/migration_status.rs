//! The migrations of a database and their state.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};

use crate::{
    database::{Database, Engine},
    migrate::MigrateError,
};

/// Table in which the migrator records the applied migrations.
const TABLE: &str = "seaql_migrations";

/// State of a migration in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// It is applied.
    Applied,
    /// It is known to this version, but not applied.
    Pending,
    /// It is applied, but unknown to this version: a newer version has applied it.
    Unknown,
}

impl MigrationState {
    /// Returns the word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
        }
    }
}

/// A migration and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Name of the migration.
    pub name: String,
    /// Its state in the database.
    pub state: MigrationState,
}

impl Database {
    /// Returns all migrations, the oldest first. Changes nothing: a missing SQLite file is not created.
    ///
    /// # Errors
    /// `Open` or `Failed`.
    pub async fn migration_status(&self) -> Result<Vec<MigrationStatus>, MigrateError> {
        let applied = match self.engine() {
            Engine::Sqlite { options, .. } if !options.get_filename().exists() => Vec::new(),
            Engine::Sqlite { options, .. } => {
                let options = options.clone().create_if_missing(false);
                applied_in(self.sqlite_pool(options, false, 1).await?).await?
            }
            // A prepared statement could outlive this connection behind a pooler.
            Engine::Postgres(options) => {
                applied_in(self.single_connection(options.clone().statement_cache_capacity(0)).await?).await?
            }
        };
        Ok(status(&applied))
    }
}

fn status(applied: &[String]) -> Vec<MigrationStatus> {
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let unknown = applied.iter().filter(|name| !known.contains(name));
    let unknown = unknown.map(|name| MigrationStatus { name: name.clone(), state: MigrationState::Unknown });
    let known = known.iter().map(|name| {
        let state = if applied.contains(name) { MigrationState::Applied } else { MigrationState::Pending };
        MigrationStatus { name: name.clone(), state }
    });
    known.chain(unknown).collect()
}

/// Returns the names of the applied migrations in alphabetical order, and closes the pool.
async fn applied_in(pool: DatabaseConnection) -> Result<Vec<String>, MigrateError> {
    let backend = pool.get_database_backend();
    let all = |sql: String| pool.query_all_raw(Statement::from_string(backend, sql));
    let tables = match backend {
        sea_orm::DbBackend::Postgres => format!("SELECT 1 WHERE to_regclass('{TABLE}') IS NOT NULL"),
        _ => format!("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{TABLE}'"),
    };
    let rows: Vec<QueryResult> = if all(tables).await?.is_empty() {
        Vec::new()
    } else {
        all(format!("SELECT version FROM {TABLE} ORDER BY version")).await?
    };
    let names: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get("", "version")).collect();
    let names = names?;
    pool.close().await?;
    Ok(names)
}
