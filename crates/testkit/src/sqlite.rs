//! Direct access to the SQLite file of a running service.

use std::{path::Path, time::Duration};

use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};

/// Executes a statement. Waits at most 10 seconds for the write lock.
pub async fn execute(database: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(Duration::from_secs(10));
    let mut connection = options.connect().await.unwrap();
    connection.execute(statement).await.unwrap();
}
