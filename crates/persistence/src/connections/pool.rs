//! Pool of connections.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool::{
    Runtime, Status,
    managed::{self, PoolError, QueueMode},
};
use sea_orm::{ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::{sync::OwnedMutexGuard, time::sleep};

#[cfg(test)]
use super::lent::Observer;
use super::{Connector, Lent, Transaction};

/// Pause between two looks at the connections that are still in use while the pool closes.
const CLOSE_PAUSE: Duration = Duration::from_millis(5);

/// The connection pool of a store. Its connections belong to the runtime that opened them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: managed::Pool<Connector>,
    /// The connection of the writers on SQLite. One writes at a time, and all others of the process wait meanwhile. So it
    /// must not wait for readers.
    writer: Option<managed::Pool<Connector>>,
    #[cfg(test)]
    observer: Option<Observer>,
}

impl Pool {
    /// Creates a pool without connections. A caller waits at most `timeout` for a connection, and again as long when it has
    /// to be opened.
    pub(crate) fn new(connector: Connector, max_connections: u32, timeout: Duration) -> Self {
        let max = usize::try_from(max_connections).unwrap_or(usize::MAX);
        let writer = match &connector {
            Connector::Sqlite(options) => Some(managed_pool(Connector::Sqlite(options.clone()), 1, timeout)),
            Connector::Sessions(..) | Connector::Transactions(_) => None,
        };
        Self {
            connections: managed_pool(connector, max, timeout),
            writer,
            #[cfg(test)]
            observer: None,
        }
    }

    pub(crate) async fn lend(&self) -> Result<Lent, DbErr> {
        self.lend_from(&self.connections, None).await
    }

    /// Lends a connection to a writer, with the write lock of SQLite. It is available at once, unless it must be opened. It
    /// releases the lock when it has returned.
    pub(crate) async fn lend_to_writer(&self, write_lock: Option<OwnedMutexGuard<()>>) -> Result<Lent, DbErr> {
        self.lend_from(self.writer.as_ref().unwrap_or(&self.connections), write_lock).await
    }

    async fn lend_from(
        &self,
        connections: &managed::Pool<Connector>,
        write_lock: Option<OwnedMutexGuard<()>>,
    ) -> Result<Lent, DbErr> {
        let object = connections.get().await.map_err(not_lent)?;
        let is_named = !self.connector().needs_transactions();
        let lent = Lent::new(object, is_named, write_lock);
        #[cfg(test)]
        let lent = lent.observed_by(self.observer.as_ref());
        Ok(lent)
    }

    /// Lends a connection for one statement, in a transaction if the pooler needs that.
    async fn lend_for_statement(&self) -> Result<Lent, DbErr> {
        let mut connection = self.lend().await?;
        if self.connector().needs_transactions() {
            connection.begin(&self.connector().begin()).await?;
        }
        Ok(connection)
    }

    /// Opens the first connection, which stays in the pool.
    pub(crate) async fn open_first(&self) -> Result<(), sqlx::Error> {
        self.connections.get().await.map(drop).map_err(|error| match error {
            PoolError::Backend(error) => error,
            _ => sqlx::Error::PoolTimedOut,
        })
    }

    /// Begins a transaction, with the write lock of SQLite.
    pub(crate) async fn begin(&self, write_lock: Option<OwnedMutexGuard<()>>) -> Result<Transaction, DbErr> {
        let mut connection = self.lend_to_writer(write_lock).await?;
        connection.begin(&self.connector().begin()).await?;
        Ok(Transaction::new(connection, self.get_database_backend()))
    }

    fn connector(&self) -> &Connector {
        self.connections.manager()
    }

    /// True for a file.
    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.connector(), Connector::Sqlite(_))
    }

    /// State of the connections, without that of the writers on SQLite.
    pub(crate) fn status(&self) -> Status {
        self.connections.status()
    }

    /// Closes the pool. Waits for the connections that are in use.
    pub(crate) async fn close(&self) {
        let begun = Instant::now();
        let longest = self.connections.timeouts().wait.unwrap_or_default();
        for connections in [Some(&self.connections), self.writer.as_ref()].into_iter().flatten() {
            loop {
                for connection in connections.retain(|_, _| false).removed {
                    // One that cannot be closed is gone.
                    let _ = connection.close().await;
                }
                if connections.status().size == 0 || begun.elapsed() >= longest {
                    break;
                }
                sleep(CLOSE_PAUSE).await;
            }
            connections.close();
        }
    }

    /// Returns the same pool, whose statements are observed.
    #[cfg(test)]
    pub(crate) fn observed(self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }
}

#[expect(clippy::expect_used, reason = "impossible: the only error is a timeout without a runtime")]
fn managed_pool(connector: Connector, max_size: usize, timeout: Duration) -> managed::Pool<Connector> {
    let config = managed::PoolConfig {
        max_size,
        timeouts: managed::Timeouts { wait: Some(timeout), create: Some(timeout), recycle: Some(timeout) },
        // After a peak, the connections that are no longer needed stay idle.
        queue_mode: QueueMode::Lifo,
    };
    let builder = managed::Pool::builder(connector).config(config).runtime(Runtime::Tokio1);
    builder.build().expect("timeouts have a runtime")
}

fn not_lent(error: PoolError<sqlx::Error>) -> DbErr {
    match error {
        PoolError::Backend(error) => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        PoolError::Closed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        _ => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
    }
}

/// Runs each statement on a connection of its own, or in a transaction of its own.
#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        if self.is_sqlite() { DbBackend::Sqlite } else { DbBackend::Postgres }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut connection = self.lend_for_statement().await?;
        let result = connection.execute(statement).await?;
        connection.end().await.map(|()| result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut connection = self.lend_for_statement().await?;
        let result = connection.execute_unprepared(sql).await?;
        connection.end().await.map(|()| result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut connection = self.lend_for_statement().await?;
        let row = connection.query_one(statement).await?;
        connection.end().await.map(|()| row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut connection = self.lend_for_statement().await?;
        let rows = connection.query_all(statement).await?;
        connection.end().await.map(|()| rows)
    }
}
