//! The store: a pool for reads, and units of work for writes.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::store::{Store, StoreError, UnitOfWork};
use sea_orm::{
    DatabaseConnection, DbBackend, EntityTrait as _, QuerySelect as _, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::{
    contacts::refold,
    entities::users,
    error::{bounded, unavailable},
    scrub,
    session_cache::SessionCache,
    unit::SqlUnit,
};

/// How a pool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolReadings {
    /// Connections that are open.
    pub open: usize,
    /// Those of them that nobody uses.
    pub idle: usize,
    /// How many may be open.
    pub max: usize,
}

/// The store, with a pool of its own. Cheap to clone; clones share the pool.
#[derive(Clone)]
pub struct SqlStore {
    pool: DatabaseConnection,
    writer: Option<Arc<Mutex<()>>>,
    patience: Duration,
    sessions: Option<Arc<dyn SessionCache>>,
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SqlStore({})", self.pool.get_database_backend().as_str())
    }
}

impl SqlStore {
    pub(crate) fn new(pool: DatabaseConnection, writer: Option<Arc<Mutex<()>>>, patience: Duration) -> Self {
        Self { pool, writer, patience, sessions: None }
    }

    /// The same store, which asks that cache first who a session belongs to, and keeps it right.
    pub(crate) fn with_session_cache(self, sessions: Option<Arc<dyn SessionCache>>) -> Self {
        Self { sessions, ..self }
    }

    pub(crate) fn session_cache(&self) -> Option<&dyn SessionCache> {
        self.sessions.as_deref()
    }

    /// The turn to write, where writers take turns.
    pub(crate) async fn turn(&self) -> Result<Option<OwnedMutexGuard<()>>, StoreError> {
        let Some(writer) = &self.writer else { return Ok(None) };
        let turn = timeout(self.patience, Arc::clone(writer).lock_owned()).await;
        turn.map(Some).map_err(|_| unavailable("the turn to write did not come in time"))
    }

    pub(crate) async fn begin_unit(&self) -> Result<SqlUnit, StoreError> {
        // The turn comes before the connection: writers that wait must not keep readers from theirs.
        let turn = self.turn().await?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = bounded(self.pool.begin_with_options(options)).await?;
        Ok(SqlUnit::new(transaction, turn, self.sessions.clone()))
    }

    /// Computes anew what contacts are searched and sorted by, where an earlier version of the rules has written it.
    /// Says how many there were; another call goes on where this one was stopped.
    ///
    /// # Errors
    /// As every unit of work.
    pub async fn refold(&self) -> Result<u64, StoreError> {
        refold(self).await
    }

    /// Where reads go.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// How the pool stands.
    #[must_use]
    pub fn pool_readings(&self) -> PoolReadings {
        let (size, idle, max) = match self.pool.get_database_backend() {
            DbBackend::Sqlite => readings_of(self.pool.get_sqlite_connection_pool()),
            _ => readings_of(self.pool.get_postgres_connection_pool()),
        };
        PoolReadings { open: size as usize, idle, max: max as usize }
    }

    /// Closes the pool; waits for the connections that are in use.
    pub async fn close(self) {
        // Closing cannot fail: the pool reports no errors.
        let _ = self.pool.close().await;
    }
}

fn readings_of<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> (u32, usize, u32) {
    (pool.size(), pool.num_idle(), pool.options().get_max_connections())
}

#[async_trait]
impl Store for SqlStore {
    #[tracing::instrument(target = "spans", name = "begin", skip_all)]
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_unit().await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // Reads a table: a connection to SQLite answers even when its file is gone.
        let life = users::Entity::find().select_only().column(users::Column::Id).limit(1).into_tuple::<uuid::Uuid>();
        bounded(life.one(&self.pool)).await?;
        Ok(())
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        match self.pool.get_database_backend() {
            DbBackend::Sqlite => scrub::truncate_log(self.clone()).await,
            _ => Ok(true),
        }
    }
}
