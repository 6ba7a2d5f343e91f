//! One transaction.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::Mutex;

use super::Lent;

/// A transaction on a lent connection. It is rolled back when it is dropped.
pub(crate) struct Transaction {
    connection: Mutex<Lent>,
    backend: DbBackend,
}

impl Transaction {
    pub(super) fn new(connection: Lent, backend: DbBackend) -> Self {
        Self { connection: Mutex::new(connection), backend }
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.connection.into_inner().end().await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.connection.lock().await.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.connection.lock().await.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.connection.lock().await.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection.lock().await.query_all(statement).await
    }
}
