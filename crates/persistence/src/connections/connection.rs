//! One connection to either database. It runs the statements of SeaORM.

use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection, query_with};

/// A connection to either database.
pub(crate) enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs the same expression with the connection to either database.
macro_rules! either {
    ($self:expr, $connection:ident => $result:expr) => {
        match $self {
            Connection::Postgres($connection) => $result,
            Connection::Sqlite($connection) => $result,
        }
    };
}

/// A prepared statement with its values. The server forgets a statement without a name when the next one arrives.
macro_rules! prepared {
    ($statement:expr, $is_named:expr) => {{
        let values = SqlxValues($statement.values.unwrap_or(Values(Vec::new())));
        query_with(AssertSqlSafe($statement.sql), values).persistent($is_named)
    }};
}

impl Connection {
    pub(super) async fn execute(&mut self, statement: Statement, is_named: bool) -> Result<ExecResult, DbErr> {
        either!(self, connection => {
            let done = prepared!(statement, is_named).execute(connection).await;
            done.map(ExecResult::from).map_err(driver)
        })
    }

    /// Runs statements without values, which are not prepared.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = AssertSqlSafe(sql.to_owned());
        either!(self, connection => connection.execute(sql).await.map(ExecResult::from).map_err(driver))
    }

    pub(super) async fn query_one(
        &mut self,
        statement: Statement,
        is_named: bool,
    ) -> Result<Option<QueryResult>, DbErr> {
        either!(self, connection => {
            let row = prepared!(statement, is_named).fetch_optional(connection).await;
            row.map(|row| row.map(QueryResult::from)).map_err(driver)
        })
    }

    pub(super) async fn query_all(&mut self, statement: Statement, is_named: bool) -> Result<Vec<QueryResult>, DbErr> {
        either!(self, connection => {
            let rows = prepared!(statement, is_named).fetch_all(connection).await.map_err(driver)?;
            Ok(rows.into_iter().map(QueryResult::from).collect())
        })
    }

    /// Waits for the end of cancelled statements, and for an answer.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        either!(self, connection => connection.ping().await)
    }

    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        either!(self, connection => connection.close().await)
    }
}

pub(super) fn driver(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
