//! A way around the store, into the file of a service that runs.

use std::{path::Path, time::Duration};

use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};

/// Executes a statement, waiting for its turn to write.
pub async fn execute(database: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(Duration::from_secs(10));
    let mut connection = options.connect().await.unwrap();
    connection.execute(statement).await.unwrap();
}
