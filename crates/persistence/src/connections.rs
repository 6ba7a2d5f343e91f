//! Connections of a store: a pool for reads, and transactions for writes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

use crate::{
    error::is_read_only,
    transaction_pooling::{PooledTransaction, TransactionPool},
};

/// Minimum time between two times that a pool replaces its connections.
const REPLACEMENT_PAUSE: Duration = Duration::from_secs(1);

/// The connection pool of a store.
#[derive(Clone)]
pub(crate) enum Pool {
    /// Each connection is a session of the database.
    Sessions(DatabaseConnection, Replacement),
    /// A pooler lends a session for each transaction.
    Transactions(TransactionPool),
}

/// A transaction of a [`Pool`]. It is rolled back when it is dropped.
pub(crate) enum Transaction {
    Session(DatabaseTransaction, Replacement),
    Pooled(PooledTransaction),
}

/// Time at which a pool began to replace its connections, because its server rejected a write as read-only. After a
/// failover they may lead to the old server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Replacement(Arc<Mutex<Option<Instant>>>);

impl Replacement {
    /// True when a connection of that age must be replaced.
    pub(crate) fn concerns(&self, age: Duration) -> bool {
        self.lock().is_some_and(|since| since.elapsed() < age)
    }

    /// Begins to replace the connections when the error is that of a read-only server.
    fn check<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if result.as_ref().is_err_and(is_read_only) {
            let mut since = self.lock();
            if since.is_none_or(|since| since.elapsed() >= REPLACEMENT_PAUSE) {
                *since = Some(Instant::now());
            }
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(crate) async fn begin(&self) -> Result<Transaction, DbErr> {
        Ok(match self {
            Self::Sessions(pool, replacement) => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                Transaction::Session(pool.begin_with_options(options).await?, replacement.clone())
            }
            Self::Transactions(pool) => Transaction::Pooled(pool.begin().await?),
        })
    }

    /// The pool of SQLite. `None` on PostgreSQL.
    pub(crate) fn sqlite(&self) -> Option<&sqlx::SqlitePool> {
        match self {
            Self::Sessions(pool, _) if pool.get_database_backend() == DbBackend::Sqlite => {
                Some(pool.get_sqlite_connection_pool())
            }
            _ => None,
        }
    }

    /// Returns the number of open connections, of idle ones, and the maximum.
    pub(crate) fn readings(&self) -> (u32, usize, u32) {
        match self {
            Self::Sessions(pool, _) if pool.get_database_backend() == DbBackend::Sqlite => {
                readings_of(pool.get_sqlite_connection_pool())
            }
            Self::Sessions(pool, _) => readings_of(pool.get_postgres_connection_pool()),
            Self::Transactions(pool) => readings_of(pool.connections()),
        }
    }

    /// Closes the pool. Waits for the connections that are in use.
    pub(crate) async fn close(&self) {
        match self {
            // Closing cannot fail: the pool reports no errors.
            Self::Sessions(pool, _) => drop(pool.close_by_ref().await),
            Self::Transactions(pool) => pool.connections().close().await,
        }
    }
}

fn readings_of<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> (u32, usize, u32) {
    (pool.size(), pool.num_idle(), pool.options().get_max_connections())
}

impl Transaction {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        match self {
            Self::Session(transaction, _) => transaction.commit().await,
            Self::Pooled(transaction) => transaction.commit().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sessions(pool, _) => pool.get_database_backend(),
            Self::Transactions(pool) => pool.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sessions(pool, _) => pool.execute_raw(statement).await,
            Self::Transactions(pool) => pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Sessions(pool, _) => pool.execute_unprepared(sql).await,
            Self::Transactions(pool) => pool.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Sessions(pool, _) => pool.query_one_raw(statement).await,
            Self::Transactions(pool) => pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Sessions(pool, _) => pool.query_all_raw(statement).await,
            Self::Transactions(pool) => pool.query_all_raw(statement).await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Session(transaction, _) => transaction.get_database_backend(),
            Self::Pooled(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Session(transaction, replacement) => replacement.check(transaction.execute_raw(statement).await),
            Self::Pooled(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Session(transaction, replacement) => replacement.check(transaction.execute_unprepared(sql).await),
            Self::Pooled(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Session(transaction, replacement) => replacement.check(transaction.query_one_raw(statement).await),
            Self::Pooled(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Session(transaction, replacement) => replacement.check(transaction.query_all_raw(statement).await),
            Self::Pooled(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}
