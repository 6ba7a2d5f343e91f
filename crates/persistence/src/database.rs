//! Where the data lies, and how connections to it are made.

use std::{fmt, io, str::FromStr as _, sync::Arc, time::Duration};

use domain::store::Source;
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    Connection as _,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    sync::Mutex,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    SqlStore,
    error::{Told, is_driver_unavailable},
    private_file,
    session_cache::SessionCache,
};

/// How long SQLite waits for a lock that another process holds.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Between two tries to open a file that another process has for itself.
const RECONNECT_PAUSE: Duration = Duration::from_millis(20);
/// What SQLite keeps of its log between checkpoints, in bytes.
const LOG_SIZE_LIMIT: &str = "67108864";
/// A connection idle for so long is asked for a sign of life before it is used. Busy ones are not:
/// it costs a round trip.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);

/// Where the data lies, and how much of it to use.
#[derive(Clone)]
pub struct DatabaseSettings {
    /// `sqlite://path?mode=rwc` (a file) or `postgres://user:password@host/name`.
    pub url: String,
    /// Connections of each [`SqlStore`].
    pub max_connections: u32,
    /// How long to wait for a connection, or for the turn to write, before giving up.
    pub acquire_timeout: Duration,
}

/// The URL may hold a password, so it is not shown.
impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DatabaseSettings")
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names neither kind of database.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownKind,
    /// The URL cannot be read. What is wrong with it is not said: it may hold a password.
    #[error("the database URL cannot be read; write sqlite://PATH?mode=rwc or postgres://USER:PASSWORD@HOST/NAME")]
    Malformed,
    /// A database in memory.
    #[error("the database must be a file: each pool would see a memory database of its own")]
    InMemory,
    /// No connections at all.
    #[error("at least one connection is needed")]
    NoConnections,
    /// The file, or the folder it lies in, cannot be made.
    #[error("the database file cannot be made")]
    File(#[source] io::Error),
    /// No connection could be made.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Source),
}

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite {
        options: SqliteConnectOptions,
        /// Whether a file that is not there may be made.
        may_make: bool,
    },
    Postgres(PgConnectOptions),
}

struct Shared {
    engine: Engine,
    max_connections: u32,
    acquire_timeout: Duration,
    /// The turn to write to SQLite, in the order of asking. Without it writers would poll for the
    /// file's lock, and whoever polls at the wrong moments starves.
    writer: Arc<Mutex<()>>,
    sessions: Option<Arc<dyn SessionCache>>,
}

/// One database, as all the stores of a process share it. Cheap to clone; holds no connection.
#[derive(Clone)]
pub struct Database(Arc<Shared>);

impl fmt::Debug for Database {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.engine() {
            Engine::Sqlite { .. } => "Database(SQLite)",
            Engine::Postgres(_) => "Database(PostgreSQL)",
        })
    }
}

impl Database {
    /// Checks the settings; connects to nothing.
    ///
    /// # Errors
    /// When the URL is none of a database this store works on, or no connection is allowed.
    pub fn new(settings: DatabaseSettings) -> Result<Self, OpenError> {
        let DatabaseSettings { url, max_connections, acquire_timeout } = settings;
        if max_connections == 0 {
            return Err(OpenError::NoConnections);
        }
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite { options: sqlite_options(&url)?, may_make: has_mode(&url, "rwc") }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Engine::Postgres(postgres_options(&url)?)
        } else {
            return Err(OpenError::UnknownKind);
        };
        let writer = Arc::new(Mutex::new(()));
        Ok(Self(Arc::new(Shared { engine, max_connections, acquire_timeout, writer, sessions: None })))
    }

    /// The same database, whose stores ask that cache who a session belongs to.
    #[must_use]
    pub fn with_session_cache(self, sessions: Arc<dyn SessionCache>) -> Self {
        let Shared { engine, max_connections, acquire_timeout, writer, .. } = &*self.0;
        let (engine, writer) = (engine.clone(), Arc::clone(writer));
        let (max_connections, acquire_timeout) = (*max_connections, *acquire_timeout);
        Self(Arc::new(Shared { engine, max_connections, acquire_timeout, writer, sessions: Some(sessions) }))
    }

    /// Whether other processes may write to it too, without a word to this one.
    #[must_use]
    pub fn may_be_shared(&self) -> bool {
        matches!(self.engine(), Engine::Postgres(_))
    }

    /// Opens a store with a pool of its own. To be called where the store is used, inside the
    /// worker: its connections belong to the runtime that made them.
    ///
    /// # Errors
    /// `File` or `Unreachable`.
    pub async fn open(&self) -> Result<SqlStore, OpenError> {
        let pool = match self.engine() {
            Engine::Sqlite { options, may_make } => {
                self.sqlite_pool(options.clone(), *may_make, self.0.max_connections).await?
            }
            Engine::Postgres(options) => {
                // A statement in vain must not hold a lock, and a forgotten transaction not for ever.
                let limits = [
                    ("lock_timeout", "5s"),
                    ("statement_timeout", "10s"),
                    ("idle_in_transaction_session_timeout", "30s"),
                ];
                self.postgres_pool(options.clone().options(limits), self.0.max_connections).await?
            }
        };
        let store = SqlStore::new(pool, self.writer(), self.0.acquire_timeout);
        Ok(store.with_session_cache(self.0.sessions.clone()))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The turn to write, where writers take turns.
    pub(crate) fn writer(&self) -> Option<Arc<Mutex<()>>> {
        matches!(self.engine(), Engine::Sqlite { .. }).then(|| Arc::clone(&self.0.writer))
    }

    pub(crate) async fn sqlite_pool(
        &self,
        options: SqliteConnectOptions,
        may_make: bool,
        max_connections: u32,
    ) -> Result<DatabaseConnection, OpenError> {
        if may_make {
            let file = options.get_filename().to_owned();
            let made = spawn_blocking(move || private_file::make(&file)).await;
            made.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(OpenError::File)?;
        }
        let pool_options = SqlitePoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(self.0.acquire_timeout)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None);
        // The first to open a new file turns its log on, for which it must be alone; the others are
        // told "busy" at once, whatever their time-out.
        let connecting = async {
            loop {
                match pool_options.clone().connect_with(options.clone()).await {
                    Err(error) if is_driver_unavailable(&error) => sleep(RECONNECT_PAUSE).await,
                    outcome => return outcome,
                }
            }
        };
        let pool = timeout(self.0.acquire_timeout, connecting)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
            .map_err(|error| unreachable(&error))?;
        Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
    }

    /// After a restart of the server a connection used within the last second fails once
    /// (`Unavailable`) and is thrown away when it is given back; all others are found out first.
    pub(crate) async fn postgres_pool(
        &self,
        options: PgConnectOptions,
        max_connections: u32,
    ) -> Result<DatabaseConnection, OpenError> {
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(self.0.acquire_timeout)
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for >= PING_AFTER_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(|error| unreachable(&error))?;
        Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
    }
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    // SQLite reads a name that begins with `file:` as a URI, which may mean memory too.
    let name = options.get_filename().as_os_str();
    if has_mode(url, "memory") || name.is_empty() || name.as_encoded_bytes().starts_with(b"file:") {
        return Err(OpenError::InMemory);
    }
    Ok(options
        .in_memory(false)
        .shared_cache(false)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL would lose the last commits on a power cut: what was confirmed must stay.
        .synchronous(SqliteSynchronous::Full)
        // What is deleted is overwritten, not only unlinked.
        .pragma("secure_delete", "ON")
        .pragma("journal_size_limit", LOG_SIZE_LIMIT))
}

fn has_mode(url: &str, mode: &str) -> bool {
    let is_wanted = |pair: &str| pair.strip_prefix("mode=") == Some(mode);
    url.split_once('?').is_some_and(|(_, query)| query.split('&').any(is_wanted))
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("contacts-api"),
    })
}

fn unreachable(error: &sqlx::Error) -> OpenError {
    OpenError::Unreachable(Box::new(Told::of_driver(error)))
}
