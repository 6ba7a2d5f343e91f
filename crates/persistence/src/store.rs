//! The store: a connection pool for reads, units of work for writes.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    error::StoreError,
    session::SessionCache,
    store::{Store, UnitOfWork},
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, QuerySelect as _};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use crate::{
    connections::Pool,
    entities::users,
    error::{bounded, unavailable},
    scrub,
    unit::SqlUnit,
    waiting_creations::WaitingCreations,
};

/// State of a connection pool, without the connection of the writers on SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolReadings {
    /// Open connections.
    pub open: usize,
    /// Open connections that are not in use.
    pub idle: usize,
    /// Maximum number of open connections.
    pub max: usize,
}

/// State that the writers of one process share on SQLite, which has one writer at a time.
#[derive(Default)]
pub(crate) struct Writers {
    /// Fair write lock. Without it writers would poll for the lock of the file, and some would starve.
    ///
    /// Not run by a model checker: it guards no data of this process. A unit takes it first, and holds no other lock while it
    /// waits. Its connection releases it when the transaction has ended.
    lock: Arc<Mutex<()>>,
    pub(crate) creations: WaitingCreations,
}

impl Writers {
    #[cfg(test)]
    pub(crate) fn is_locked(&self) -> bool {
        self.lock.try_lock().is_err()
    }
}

/// The store, with its own connection pool. Cheap to clone; clones share the pool.
#[derive(Clone)]
pub struct SqlStore {
    pool: Pool,
    writers: Option<Arc<Writers>>,
    writer_timeout: Duration,
    sessions: Option<Arc<dyn SessionCache>>,
    announces_session_changes: bool,
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SqlStore({})", self.pool.get_database_backend().as_str())
    }
}

impl SqlStore {
    pub(crate) fn new(pool: Pool, writers: Option<Arc<Writers>>, writer_timeout: Duration) -> Self {
        Self { pool, writers, writer_timeout, sessions: None, announces_session_changes: false }
    }

    /// Returns the same store with a session cache: it looks sessions up there first, and invalidates what a write
    /// changes. It can also announce these changes to another process.
    pub(crate) fn with_session_cache(self, sessions: Option<Arc<dyn SessionCache>>, announces: bool) -> Self {
        Self { sessions, announces_session_changes: announces, ..self }
    }

    pub(crate) fn session_cache(&self) -> Option<&dyn SessionCache> {
        self.sessions.as_deref()
    }

    /// Waits for the write lock. `None` on PostgreSQL, which has none.
    pub(crate) async fn lock_writer(&self) -> Result<Option<OwnedMutexGuard<()>>, StoreError> {
        let Some(writers) = &self.writers else { return Ok(None) };
        let guard = timeout(self.writer_timeout, Arc::clone(&writers.lock).lock_owned()).await;
        guard.map(Some).map_err(|_| unavailable("the write lock was not acquired in time"))
    }

    pub(crate) async fn begin_unit(&self) -> Result<SqlUnit, StoreError> {
        // The lock comes first: the unit that has it finds the connection of the writers free.
        let write_lock = self.lock_writer().await?;
        self.begin_locked(write_lock).await
    }

    /// Begins a unit under the write lock.
    pub(crate) async fn begin_locked(&self, write_lock: Option<OwnedMutexGuard<()>>) -> Result<SqlUnit, StoreError> {
        let transaction = bounded(self.pool.begin(write_lock)).await?;
        Ok(SqlUnit::new(transaction, self.sessions.clone(), self.announces_session_changes))
    }

    /// The writers of this process. `None` on PostgreSQL.
    pub(crate) fn writers(&self) -> Option<&Writers> {
        self.writers.as_deref()
    }

    /// The connection pool for reads.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Returns the current state of the pool.
    #[must_use]
    pub fn pool_readings(&self) -> PoolReadings {
        let status = self.pool.status();
        PoolReadings { open: status.size, idle: status.available, max: status.max_size }
    }

    /// Closes the pool. Waits for the connections that are in use.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl Store for SqlStore {
    #[tracing::instrument(target = "spans", name = "begin", skip_all)]
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.begin_unit().await?))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // Reads a table: a connection to SQLite answers even when its file was deleted.
        let probe = users::Entity::find().select_only().column(users::Column::Id).limit(1).into_tuple::<uuid::Uuid>();
        bounded(probe.one(&self.pool)).await?;
        Ok(())
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        if !self.pool.is_sqlite() {
            return Ok(true);
        }
        let write_lock = self.lock_writer().await?;
        scrub::truncate_log(self.pool.clone(), write_lock).await
    }
}
