//! Errors of opening a database.

use std::io;

use domain::error::Source;

/// Errors of [`Database::new`](crate::Database::new) and [`Database::open`](crate::Database::open).
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL has neither of the supported schemes.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownKind,
    /// The URL cannot be parsed. The message gives no details: the URL may contain a password.
    #[error("the database URL is malformed; use sqlite://PATH?mode=rwc or postgres://USER:PASSWORD@HOST/NAME")]
    Malformed,
    /// The URL refers to a database in memory.
    #[error("the database must be a file: each connection pool would have its own database in memory")]
    InMemory,
    /// `max_connections` is zero.
    #[error("the maximum number of connections must be at least 1")]
    NoConnections,
    /// The file or its folder cannot be created.
    #[error("the database file cannot be created")]
    File(#[source] io::Error),
    /// No connection was established.
    #[error("{at} is unreachable")]
    Unreachable {
        /// The server or file, without a password.
        at: String,
        /// The cause.
        source: Source,
    },
}
