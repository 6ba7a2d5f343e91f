//! PostgreSQL behind a pooler in transaction mode, like PgBouncer.
//!
//! The pooler lends a session for one transaction. The next transaction may have another session, and other clients use
//! this one in between. So every statement runs in a transaction, no prepared statement has a name, and each transaction
//! sets its own timeouts.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, Postgres, query::Query};
use tokio::sync::Mutex;

/// Connections to the pooler.
#[derive(Clone)]
pub(crate) struct TransactionPool {
    connections: PgPool,
    /// Begins a transaction and sets its timeouts, in one round trip.
    begin: String,
}

/// A transaction in a session of the pooler. It is rolled back when it is dropped.
pub(crate) struct PooledTransaction(Mutex<sqlx::Transaction<'static, Postgres>>);

impl TransactionPool {
    /// `settings` are the names and values of settings that each transaction sets.
    pub(crate) fn new(connections: PgPool, settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| format!("; SET LOCAL {name} = '{value}'"));
        Self { connections, begin: format!("BEGIN{}", settings.collect::<String>()) }
    }

    pub(crate) fn connections(&self) -> &PgPool {
        &self.connections
    }

    pub(crate) async fn begin(&self) -> Result<PooledTransaction, DbErr> {
        let Self { connections, begin } = self.clone();
        // In a separate task: a cancelled caller would leave an open transaction in a session of the pooler.
        let beginning = tokio::spawn(async move { connections.begin_with(AssertSqlSafe(begin)).await });
        let begun = beginning.await.unwrap_or(Err(sqlx::Error::WorkerCrashed));
        Ok(PooledTransaction(Mutex::new(begun.map_err(driver)?)))
    }
}

impl PooledTransaction {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.0.into_inner().commit().await.map_err(driver)
    }
}

/// Each statement is a transaction.
#[async_trait]
impl ConnectionTrait for TransactionPool {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let transaction = self.begin().await?;
        let result = transaction.execute_raw(statement).await?;
        transaction.commit().await?;
        Ok(result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let transaction = self.begin().await?;
        let result = transaction.execute_unprepared(sql).await?;
        transaction.commit().await?;
        Ok(result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let transaction = self.begin().await?;
        let row = transaction.query_one_raw(statement).await?;
        transaction.commit().await?;
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let transaction = self.begin().await?;
        let rows = transaction.query_all_raw(statement).await?;
        transaction.commit().await?;
        Ok(rows)
    }
}

#[async_trait]
impl ConnectionTrait for PooledTransaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut transaction = self.0.lock().await;
        unnamed(statement).execute(&mut **transaction).await.map(ExecResult::from).map_err(driver)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut transaction = self.0.lock().await;
        transaction.execute(AssertSqlSafe(sql.to_owned())).await.map(ExecResult::from).map_err(driver)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut transaction = self.0.lock().await;
        let row = unnamed(statement).fetch_optional(&mut **transaction).await.map_err(driver)?;
        Ok(row.map(QueryResult::from))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut transaction = self.0.lock().await;
        let rows = unnamed(statement).fetch_all(&mut **transaction).await.map_err(driver)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }
}

/// The server forgets an unnamed prepared statement with the next one. A name may already be in use in the session.
fn unnamed(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = SqlxValues(statement.values.unwrap_or(Values(Vec::new())));
    sqlx::query_with(AssertSqlSafe(statement.sql), values).persistent(false)
}

fn driver(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
