//! Query plans of both databases.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::{
    connections::Pool,
    database::{Database, DatabaseSettings, Pooling},
};

/// Migrates a database, and opens a pool with one connection.
pub(crate) async fn open(url: &str) -> (Database, Pool) {
    let settings = DatabaseSettings {
        url: url.to_owned(),
        pooling: Pooling::Session,
        max_connections: 1,
        acquire_timeout: Duration::from_secs(20),
    };
    let database = Database::new(settings).unwrap();
    database.migrate().await.unwrap();
    let pool = database.open().await.unwrap().pool().clone();
    (database, pool)
}

pub(crate) async fn sqlite_plan(pool: &Pool, mut statement: Statement) -> String {
    statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let rows = pool.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>().join("; ")
}

/// The plan of PostgreSQL that does not depend on the values. Connections use it for nearly all statements.
pub(crate) async fn generic_plan(pool: &Pool, statement: &Statement) -> serde_json::Value {
    let anything = vec!["NULL"; statement.values.as_ref().map_or(0, |values| values.0.len())].join(", ");
    pool.execute_unprepared(&format!("PREPARE asked AS {}", statement.sql)).await.unwrap();
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE asked({anything})");
    let row = pool.query_one_raw(Statement::from_string(DbBackend::Postgres, explain)).await.unwrap().unwrap();
    pool.execute_unprepared("DEALLOCATE asked").await.unwrap();
    row.try_get("", "QUERY PLAN").unwrap()
}

/// The plan of PostgreSQL for the values of a statement, as after `SqlUnit::plan_with_values`.
pub(crate) async fn plan_with_values(pool: &Pool, mut statement: Statement) -> serde_json::Value {
    statement.sql = format!("EXPLAIN (FORMAT JSON) {}", statement.sql);
    let row = pool.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "QUERY PLAN").unwrap()
}
