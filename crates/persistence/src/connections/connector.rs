//! Opens the connections of a pool, and decides whether one can be used again.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use sea_orm::DbErr;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection, postgres::PgConnectOptions,
    sqlite::SqliteConnectOptions,
};

use super::{Connection, statement_timeout::POSTGRES_TIMEOUTS};
use crate::error::is_read_only;

/// Setting of PostgreSQL that plans a prepared statement once, not for each set of values. Nearly every statement
/// uses an index that begins with the owner, so one plan suits all values. Purges are planned with theirs:
/// [`SqlUnit::plan_with_values`](crate::unit::SqlUnit::plan_with_values). Planning costs as much as running it.
const ONE_PLAN: &str = "SET plan_cache_mode = 'force_generic_plan'";
/// Isolation of every transaction, also of the one of a single statement. The server may have a stricter default, by `ALTER
/// ROLE` or `ALTER DATABASE`: what has waited for the lock of a row would then fail, because the row has changed.
pub(crate) const ISOLATION: &str = "read committed";
/// Connections to PostgreSQL that were last lent at least this long ago are pinged before use. Others are not: a ping
/// costs a round trip. So after a restart of the server, a connection used within the last second fails once.
const PING_AFTER: Duration = Duration::from_secs(1);
/// Lifetime of a connection to PostgreSQL, so that memory that its server process has allocated is freed.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Minimum time between two times that a pool replaces its connections.
const REPLACEMENT_PAUSE: Duration = Duration::from_secs(1);

/// Way to a database.
pub(crate) enum Connector {
    /// A file.
    Sqlite(SqliteConnectOptions),
    /// PostgreSQL. Each connection has its own session.
    Sessions(PgConnectOptions, Replacement),
    /// A pooler in transaction mode, like PgBouncer. It lends a session for one transaction: the next transaction may
    /// have another session, and other clients use this one in between. So every statement runs in a transaction, no
    /// prepared statement has a name, and each transaction sets its own timeouts and isolation.
    Transactions(PgConnectOptions),
}

/// Time at which a pool began to replace its connections, because its server rejected a write as read-only. After a
/// failover they may lead to the old server.
///
/// Not run by a model checker: the time is read, or compared and replaced, while the mutex is held once. A connection that
/// is lent just before is replaced when it is lent again.
#[derive(Default)]
pub(crate) struct Replacement(Mutex<Option<Instant>>);

impl Replacement {
    /// True when a connection of that age must be replaced.
    fn concerns(&self, age: Duration) -> bool {
        self.lock().is_some_and(|since| since.elapsed() < age)
    }

    fn begin(&self) {
        let mut since = self.lock();
        if since.is_none_or(|since| since.elapsed() >= REPLACEMENT_PAUSE) {
            *since = Some(Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connector {
    /// True when every statement runs in a transaction of its own.
    pub(super) fn needs_transactions(&self) -> bool {
        matches!(self, Self::Transactions(_))
    }

    /// Returns the statement that begins a transaction. Behind a pooler it also sets the isolation and the timeouts, in one
    /// round trip.
    pub(super) fn begin(&self) -> String {
        match self {
            Self::Sqlite(_) => "BEGIN IMMEDIATE".to_owned(),
            Self::Sessions(..) => "BEGIN".to_owned(),
            Self::Transactions(_) => {
                let set = POSTGRES_TIMEOUTS.map(|(name, value)| format!("; SET LOCAL {name} = '{value}'"));
                format!("BEGIN ISOLATION LEVEL {ISOLATION}{}", set.concat())
            }
        }
    }

    /// Begins to replace the connections when the error is that of a read-only server.
    pub(super) fn check(&self, error: &DbErr) {
        if let Self::Sessions(_, replacement) = self
            && is_read_only(error)
        {
            replacement.begin();
        }
    }
}

impl Manager for Connector {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(options) => Connection::Sqlite(SqliteConnection::connect_with(options).await?),
            Self::Sessions(options, _) => {
                let mut connection = PgConnection::connect_with(options).await?;
                // Not as start-up parameters, because PgBouncer rejects them.
                let set = POSTGRES_TIMEOUTS.map(|(name, value)| format!("SET {name} = '{value}'; "));
                let set = format!("SET default_transaction_isolation = '{ISOLATION}'; {}{ONE_PLAN}", set.concat());
                connection.execute(AssertSqlSafe(set)).await?;
                Connection::Postgres(connection)
            }
            Self::Transactions(options) => Connection::Postgres(PgConnection::connect_with(options).await?),
        })
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        let is_outdated = match self {
            Self::Sqlite(_) => return Ok(()),
            Self::Sessions(_, replacement) => replacement.concerns(metrics.age()),
            Self::Transactions(_) => false,
        };
        if is_outdated || metrics.age() >= LIFETIME {
            return Err(RecycleError::message("outdated"));
        }
        if metrics.last_used() >= PING_AFTER {
            connection.ping().await?;
        }
        Ok(())
    }
}
