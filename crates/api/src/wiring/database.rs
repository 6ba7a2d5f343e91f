//! The database by its settings, and the commands that need nothing else.

use std::{path::Path, time::Duration};

use domain::error::Source;
use persistence::{Database, DatabaseSettings, MigrationState, Pooling};
use secrecy::{ExposeSecret as _, SecretString};

use super::errors::named;
use crate::settings::DatabasePooler;

/// Connections in the pool of each worker. More do not increase throughput.
pub(crate) const CONNECTIONS_PER_WORKER: u32 = 4;
/// Time that a request waits for a database connection before the response is 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Migrates the schema of a database to the newest version, or back to its state after one step. No other adapter is
/// made.
pub(crate) async fn migrate(url: &SecretString, pooler: DatabasePooler, back_to: Option<&str>) -> Result<(), Source> {
    let database = database(url, pooler)?;
    let outcome = match back_to {
        Some(step) => database.migrate_back_to(step).await,
        None => database.migrate().await,
    };
    outcome.map_err(|error| named("DATABASE_URL", &error))?;
    if back_to.is_none() {
        let store = database.open().await.map_err(|error| named("DATABASE_URL", &error))?;
        log_reindexed(store.reindex().await.map_err(|error| named("DATABASE_URL", &error))?);
        store.repair_contact_counts().await.map_err(|error| named("DATABASE_URL", &error))?;
        store.close().await;
    }
    Ok(())
}

pub(super) fn log_reindexed(contacts: u64) {
    if contacts > 0 {
        tracing::info!(contacts, "contacts reindexed");
    }
}

/// Returns one line for each migration, and a last line with the number of pending ones. Changes nothing.
pub(crate) async fn migration_status(url: &SecretString, pooler: DatabasePooler) -> Result<String, Source> {
    let status = database(url, pooler)?.migration_status().await;
    let status = status.map_err(|error| named("DATABASE_URL", &error))?;
    let pending = status.iter().filter(|migration| migration.state == MigrationState::Pending).count();
    let lines = status.iter().map(|migration| format!("{:7}  {}\n", migration.state.as_str(), migration.name));
    Ok(lines.chain([format!("{pending} pending\n")]).collect())
}

/// Copies a database to a new file. No other adapter is made.
pub(crate) async fn back_up(url: &SecretString, pooler: DatabasePooler, file: &Path) -> Result<(), Source> {
    let outcome = database(url, pooler)?.back_up(file).await;
    outcome.map_err(|error| {
        let file = file.display().to_string();
        named(if error.concerns_target() { &file } else { "DATABASE_URL" }, &error)
    })
}

/// Makes all sync tokens invalid. No other adapter is made.
pub(crate) async fn renew_sync_tokens(url: &SecretString, pooler: DatabasePooler) -> Result<(), Source> {
    let store = database(url, pooler)?.open().await.map_err(|error| named("DATABASE_URL", &error))?;
    store.renew_sync_epoch().await.map_err(|error| named("DATABASE_URL", &error))?;
    store.close().await;
    tracing::info!("sync tokens renewed");
    Ok(())
}

pub(super) fn database(url: &SecretString, pooler: DatabasePooler) -> Result<Database, Source> {
    let settings = DatabaseSettings {
        url: url.expose_secret().to_owned(),
        pooling: match pooler {
            DatabasePooler::Session => Pooling::Session,
            DatabasePooler::Transaction => Pooling::Transaction,
        },
        max_connections: CONNECTIONS_PER_WORKER,
        acquire_timeout: ACQUIRE_TIMEOUT,
    };
    Database::new(settings).map_err(|error| named("DATABASE_URL", &error))
}
