//! Connection failures, with the server or file and the cause.

use std::{path::Path, time::Duration};

use domain::error::Source;
use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use crate::{error::RedactedError, open_error::OpenError};

/// Timeout of a connection that only finds the cause of a failure.
const CAUSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Opens a pool with its first connection.
pub(crate) async fn connect(pool_options: PgPoolOptions, options: PgConnectOptions) -> Result<PgPool, OpenError> {
    match pool_options.connect_with(options.clone()).await {
        Ok(pool) => Ok(pool),
        // The pool retries until its timeout, and then does not report why its connections failed.
        Err(sqlx::Error::PoolTimedOut) => Err(postgres_unreachable(&options, cause_of_timeout(&options).await)),
        Err(error) => Err(postgres_unreachable(&options, error)),
    }
}

/// Connects once more, without a pool, to find the cause of a timeout.
async fn cause_of_timeout(options: &PgConnectOptions) -> sqlx::Error {
    match timeout(CAUSE_TIMEOUT, PgConnection::connect_with(options)).await {
        Ok(Err(error)) => error,
        Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
    }
}

/// Returns the error of a server that cannot be reached.
pub(crate) fn postgres_unreachable(options: &PgConnectOptions, error: sqlx::Error) -> OpenError {
    let at = match options.get_socket() {
        Some(folder) => format!("PostgreSQL at the socket in {}", folder.display()),
        None => format!("PostgreSQL at {}:{}", options.get_host(), options.get_port()),
    };
    let cause = match error {
        sqlx::Error::Io(error) => Source::from(error.to_string()),
        sqlx::Error::PoolTimedOut => Source::from("no answer in time"),
        other => Box::new(RedactedError::of_driver(&other)),
    };
    OpenError::Unreachable { at, source: cause }
}

/// Returns the error of a SQLite file that cannot be opened.
pub(crate) fn sqlite_unreachable(file: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::Unreachable { at: file.display().to_string(), source: Box::new(RedactedError::of_driver(error)) }
}
