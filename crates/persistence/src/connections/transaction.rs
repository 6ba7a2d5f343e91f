//! One transaction.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::Mutex;

use super::{Lent, Pool};

/// A transaction of a [`Pool`]. It is rolled back when it is dropped.
pub(crate) struct Transaction {
    connection: Mutex<Lent>,
    pool: Pool,
}

impl Transaction {
    pub(super) fn new(connection: Lent, pool: Pool) -> Self {
        Self { connection: Mutex::new(connection), pool }
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.connection.into_inner().commit().await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.pool.observe(&statement);
        let result = self.connection.lock().await.execute(statement).await;
        self.pool.connector().check(result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let result = self.connection.lock().await.execute_unprepared(sql).await;
        self.pool.connector().check(result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.pool.observe(&statement);
        let result = self.connection.lock().await.query_one(statement).await;
        self.pool.connector().check(result)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.pool.observe(&statement);
        let result = self.connection.lock().await.query_all(statement).await;
        self.pool.connector().check(result)
    }
}
