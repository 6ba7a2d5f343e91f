//! Conversion of database errors to [`StoreError`], without stored values.

use std::{fmt, future::Future, panic::Location, time::Duration};

use domain::error::StoreError;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::postgres::PgDatabaseError;
use tracing::{Instrument as _, Span};

/// Timeout of a statement in this process. PostgreSQL aborts its statements earlier, see
/// `connections/statement_timeout.rs`. So this one is for a server that does not answer at all.
const STATEMENT_DEADLINE: Duration = Duration::from_secs(12);
/// PostgreSQL's code for a write in a read-only transaction: the server is a standby, or was made read-only.
const READ_ONLY: &str = "25006";

/// Errors of a statement.
pub(crate) enum Failure {
    /// No answer within the timeout.
    TimedOut,
    /// The database or its driver returned an error.
    Database(DbErr),
}

/// Runs one statement with a timeout. A trace identifies it by the source line of the caller: its text is long, and its
/// values are confidential.
#[track_caller]
pub(crate) fn bounded<T>(
    statement: impl Future<Output = Result<T, DbErr>>,
) -> impl Future<Output = Result<T, Failure>> {
    let span = statement_span(Location::caller());
    in_time(statement).instrument(span)
}

/// Span of a statement in a trace.
pub(crate) fn statement_span(caller: &Location<'_>) -> Span {
    tracing::info_span!(
        target: "spans",
        "database",
        otel.kind = "client",
        code.file.path = caller.file(),
        code.line.number = i64::from(caller.line()),
    )
}

/// Runs one statement with a timeout.
pub(crate) async fn in_time<T>(statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, Failure> {
    match tokio::time::timeout(STATEMENT_DEADLINE, statement).await {
        Ok(result) => result.map_err(Failure::Database),
        Err(_) => Err(Failure::TimedOut),
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TimedOut => unavailable("no answer in time"),
            Failure::Database(error) if is_unavailable(&error) => {
                Self::Unavailable(Box::new(RedactedError::of(&error)))
            }
            Failure::Database(error) => Self::Backend(Box::new(RedactedError::of(&error))),
        }
    }
}

/// The error of a database that is too busy or unavailable.
pub(crate) fn unavailable(message: &'static str) -> StoreError {
    StoreError::Unavailable(Box::new(RedactedError(message.to_owned())))
}

/// An internal error.
pub(crate) fn backend(message: &'static str) -> StoreError {
    StoreError::Backend(Box::new(RedactedError(message.to_owned())))
}

/// The error of an invalid stored value. Contains the name of its column, never the value.
pub(crate) fn corrupt(column: &'static str) -> StoreError {
    StoreError::Backend(Box::new(RedactedError(format!("the stored {column} is not valid"))))
}

/// A database error without stored values, safe to log. PostgreSQL reports the offending values in the details of an
/// error, which the driver's `Debug` shows. Only the code and the message are retained here.
pub(crate) struct RedactedError(String);

impl RedactedError {
    pub(crate) fn of(error: &DbErr) -> Self {
        if let Some(error) = of_the_driver(error) {
            return Self::of_driver(error);
        }
        Self(match error {
            DbErr::Json(_) | DbErr::Type(_) | DbErr::TryIntoErr { .. } => "a stored value cannot be read".to_owned(),
            other => other.to_string(),
        })
    }

    pub(crate) fn of_driver(error: &sqlx::Error) -> Self {
        Self(match error {
            sqlx::Error::Database(error) => {
                format!("{} (code {})", error.message(), error.code().unwrap_or("unknown".into()))
            }
            sqlx::Error::ColumnDecode { index, .. } => format!("column {index} cannot be read"),
            sqlx::Error::Decode(_) => "a stored value cannot be read".to_owned(),
            sqlx::Error::Encode(_) => "a value cannot be written".to_owned(),
            other => other.to_string(),
        })
    }
}

impl fmt::Display for RedactedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RedactedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for RedactedError {}

/// True when no connection was opened, for any reason, or when the error of a statement is transient. A proxy in front of a
/// stopped server closes new connections, and the driver reports its silence as an invalid answer.
fn is_unavailable(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
        || of_the_driver(error).is_some_and(is_driver_unavailable)
}

/// True when PostgreSQL rejected a write because it is read-only.
pub(crate) fn is_read_only(error: &DbErr) -> bool {
    let Some(sqlx::Error::Database(error)) = of_the_driver(error) else { return false };
    error.try_downcast_ref::<PgDatabaseError>().is_some_and(|error| error.code() == READ_ONLY)
}

fn of_the_driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// True when a later retry may succeed.
pub(crate) fn is_driver_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<PgDatabaseError>().is_some() {
                is_postgres_unavailable(&code)
            } else {
                is_sqlite_unavailable(&code)
            }
        }
        _ => false,
    }
}

/// True for: connection lost, connection refused, no such database, serialization failure or deadlock, out of resources,
/// lock or time limit, read-only server, operator intervention (PostgreSQL, appendix A).
fn is_postgres_unavailable(code: &str) -> bool {
    matches!(code, READ_ONLY | "40001" | "40P01" | "55P03" | "25P03" | "25P04")
        || ["08", "28", "3D", "53", "57"].iter().any(|class| code.starts_with(class))
}

/// True for busy, locked or full, in any extended form (the low byte is the primary code).
fn is_sqlite_unavailable(code: &str) -> bool {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const FULL: u32 = 13;
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xFF, BUSY | LOCKED | FULL))
}

#[cfg(test)]
mod tests {
    use super::{is_postgres_unavailable, is_sqlite_unavailable};

    #[test]
    fn transient_codes_are_distinguished_from_permanent_errors() {
        for code in
            ["40001", "40P01", "55P03", "57014", "57P01", "57P03", "53300", "08006", "25P03", "25006", "28P01", "3D000"]
        {
            assert!(is_postgres_unavailable(code), "{code}");
        }
        for code in ["23505", "23503", "42P01", "22P02", "25P02", ""] {
            assert!(!is_postgres_unavailable(code), "{code}");
        }
        for code in ["5", "517", "261", "6", "262", "13"] {
            assert!(is_sqlite_unavailable(code), "{code}");
        }
        for code in ["1", "787", "2067", "1555", "11", ""] {
            assert!(!is_sqlite_unavailable(code), "{code}");
        }
    }
}
