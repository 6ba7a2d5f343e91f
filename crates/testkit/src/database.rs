//! Direct access to a database, without the store.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

/// Executes a statement on the database of that URL.
pub async fn execute(url: &str, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        connection.execute(sql).await.unwrap();
        connection.close().await.unwrap();
    }
}

/// Returns the number that a query on PostgreSQL selects.
pub async fn number(url: &str, query: &'static str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let number = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    number
}

/// Returns all rows of all tables as one text in lower case. Bytes are hexadecimal digits.
pub async fn rows(url: &str) -> String {
    if url.starts_with("sqlite:") { sqlite_rows(url).await } else { postgres_rows(url).await }
}

async fn sqlite_rows(url: &str) -> String {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let tables = "SELECT tables.name, group_concat('quote(\"' || columns.name || '\")', ' || '' '' || ') \
        FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' GROUP BY tables.name";
    let tables: Vec<(String, String)> = sqlx::query_as(tables).fetch_all(&mut connection).await.unwrap();
    let mut text = String::new();
    for (table, values) in tables {
        let rows = AssertSqlSafe(format!("SELECT lower({values}) FROM \"{table}\""));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut connection).await.unwrap();
        writeln!(text, "{table}\n{}", rows.join("\n")).unwrap();
    }
    connection.close().await.unwrap();
    text
}

async fn postgres_rows(url: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    let mut text = String::new();
    for table in tables {
        let rows = AssertSqlSafe(format!("SELECT lower(\"{table}\"::text) FROM \"{table}\""));
        let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut connection).await.unwrap();
        writeln!(text, "{table}\n{}", rows.join("\n")).unwrap();
    }
    connection.close().await.unwrap();
    text
}
