//! The database: its settings, connection options and pools.

use std::{fmt, future::Future, io, str::FromStr as _, sync::Arc, time::Duration};

use domain::session::SessionCache;
use local_files::create_private_file;
use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    connections::{Connector, Pool, Replacement},
    error::is_driver_unavailable,
    open_error::OpenError,
    store::{SqlStore, Writers},
    unreachable::{connect, postgres_unreachable, sqlite_unreachable},
};

/// Maximum wait of SQLite for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between two attempts to open the first connection.
const RECONNECT_PAUSE: Duration = Duration::from_millis(20);
/// Number of pages in the log from which on SQLite copies them into the file: 16 MB. Many writes change the same pages, so a
/// longer log is copied less often.
const CHECKPOINT_PAGES: &str = "4000";
/// Size to which SQLite truncates its log after a checkpoint, in bytes.
const LOG_SIZE_LIMIT: &str = "67108864";

/// Mode of the pooler between this process and PostgreSQL.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pooling {
    /// A connection has its own session: of PostgreSQL itself, or of a pooler in session mode.
    #[default]
    Session,
    /// A connection has a session for one transaction at a time.
    Transaction,
}

/// Settings of the database.
#[derive(Clone)]
pub struct DatabaseSettings {
    /// `sqlite://path?mode=rwc` (a file) or `postgres://user:password@host/name`.
    pub url: String,
    /// Mode of the pooler; ignored on SQLite.
    pub pooling: Pooling,
    /// Maximum number of connections of each [`SqlStore`]. On SQLite the writers have one more.
    pub max_connections: u32,
    /// Maximum wait for a connection or for the write lock.
    pub acquire_timeout: Duration,
}

/// Omits the URL, which may contain a password.
impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DatabaseSettings")
            .field("pooling", &self.pooling)
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite {
        options: SqliteConnectOptions,
        /// True when a missing file may be created.
        create_if_missing: bool,
    },
    Postgres(PgConnectOptions),
}

#[derive(Clone)]
struct Shared {
    engine: Engine,
    pooling: Pooling,
    max_connections: u32,
    acquire_timeout: Duration,
    writers: Arc<Writers>,
    sessions: Option<Arc<dyn SessionCache>>,
    /// True when units announce the users that they change to the process that serves.
    announces_session_changes: bool,
}

/// One database, shared by all stores of a process. Cheap to clone; holds no connection.
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
    /// Checks the settings. Opens no connection.
    ///
    /// # Errors
    /// `UnknownKind`, `Malformed`, `InMemory` or `NoConnections`.
    pub fn new(settings: DatabaseSettings) -> Result<Self, OpenError> {
        let DatabaseSettings { url, pooling, max_connections, acquire_timeout } = settings;
        if max_connections == 0 {
            return Err(OpenError::NoConnections);
        }
        let engine = if url.starts_with("sqlite:") {
            Engine::Sqlite { options: sqlite_options(&url)?, create_if_missing: has_mode(&url, "rwc") }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Engine::Postgres(postgres_options(&url)?)
        } else {
            return Err(OpenError::UnknownKind);
        };
        Ok(Self(Arc::new(Shared {
            engine,
            pooling,
            max_connections,
            acquire_timeout,
            writers: Arc::default(),
            sessions: None,
            announces_session_changes: false,
        })))
    }

    /// Returns the same database with a session cache for its stores.
    #[must_use]
    pub fn with_session_cache(self, sessions: Arc<dyn SessionCache>) -> Self {
        Self(Arc::new(Shared { sessions: Some(sessions), ..Shared::clone(&self.0) }))
    }

    /// Returns the same database for a process that does not serve: its changes of users and sessions are announced to the
    /// process that does.
    #[must_use]
    pub fn announcing_session_changes(self) -> Self {
        Self(Arc::new(Shared { announces_session_changes: true, ..Shared::clone(&self.0) }))
    }

    /// Opens a store with its own connection pool. Must be called inside the worker that uses the store: connections
    /// belong to the runtime that opened them.
    ///
    /// # Errors
    /// `File` or `Unreachable`.
    pub async fn open(&self) -> Result<SqlStore, OpenError> {
        let connector = match self.engine() {
            Engine::Sqlite { options, create_if_missing } => {
                self.create_file(options, *create_if_missing).await?;
                Connector::Sqlite(options.clone())
            }
            Engine::Postgres(options) => match self.0.pooling {
                Pooling::Session => Connector::Sessions(options.clone(), Replacement::default()),
                Pooling::Transaction => Connector::Transactions(options.clone()),
            },
        };
        let pool = Pool::new(connector, self.0.max_connections, self.0.acquire_timeout);
        let opening = self.retry(|| pool.open_first());
        opening.await.map_err(|error| match self.engine() {
            Engine::Sqlite { options, .. } => sqlite_unreachable(options.get_filename(), &error),
            Engine::Postgres(options) => postgres_unreachable(options, error),
        })?;
        let store = SqlStore::new(pool, self.writers(), self.0.acquire_timeout);
        Ok(store.with_session_cache(self.0.sessions.clone(), self.0.announces_session_changes))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn pooling(&self) -> Pooling {
        self.0.pooling
    }

    /// The writers of this process. `None` on PostgreSQL.
    fn writers(&self) -> Option<Arc<Writers>> {
        matches!(self.engine(), Engine::Sqlite { .. }).then(|| Arc::clone(&self.0.writers))
    }

    /// Creates a missing file that only its owner can read.
    async fn create_file(&self, options: &SqliteConnectOptions, create_if_missing: bool) -> Result<(), OpenError> {
        if !create_if_missing {
            return Ok(());
        }
        let file = options.get_filename().to_owned();
        let created = spawn_blocking(move || create_private_file(&file)).await;
        created.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(OpenError::File)
    }

    /// Repeats an attempt while the database is unavailable: a server that starts, or a file that another connection has
    /// locked. The first connection to a new file enables its write-ahead log, which needs exclusive access; meanwhile
    /// others get "busy" immediately, whatever their timeout. Returns the last error after the acquire timeout.
    async fn retry<T, F: Future<Output = Result<T, sqlx::Error>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<T, sqlx::Error> {
        let mut last = sqlx::Error::PoolTimedOut;
        let attempts = async {
            loop {
                match attempt().await {
                    Err(error) if is_driver_unavailable(&error) => last = error,
                    outcome => return outcome,
                }
                sleep(RECONNECT_PAUSE).await;
            }
        };
        timeout(self.0.acquire_timeout, attempts).await.unwrap_or(Err(last))
    }

    /// Opens a pool for migrations.
    pub(crate) async fn sqlite_pool(
        &self,
        options: SqliteConnectOptions,
        create_if_missing: bool,
        max_connections: u32,
    ) -> Result<DatabaseConnection, OpenError> {
        self.create_file(&options, create_if_missing).await?;
        let pool_options = SqlitePoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(self.0.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None);
        let pool = self.retry(|| pool_options.clone().connect_with(options.clone())).await;
        let pool = pool.map_err(|error| sqlite_unreachable(options.get_filename(), &error))?;
        Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
    }

    /// Opens a pool of one connection without timeouts, for migrations.
    pub(crate) async fn single_connection(&self, options: PgConnectOptions) -> Result<DatabaseConnection, OpenError> {
        let pool_options = PgPoolOptions::new().max_connections(1).acquire_timeout(self.0.acquire_timeout);
        Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(connect(pool_options, options).await?))
    }
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    // SQLite parses a name that begins with `file:` as a URI, which may refer to memory too.
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
        // NORMAL would lose the last commits on a power failure; acknowledged commits must be durable.
        .synchronous(SqliteSynchronous::Full)
        // Deleted rows are overwritten, not only unlinked.
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", LOG_SIZE_LIMIT))
}

fn has_mode(url: &str, mode: &str) -> bool {
    let is_requested = |pair: &str| pair.strip_prefix("mode=") == Some(mode);
    url.split_once('?').is_some_and(|(_, query)| query.split('&').any(is_requested))
}

fn postgres_options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Malformed)?;
    // A start-up parameter that PgBouncer rejects. Nothing here reads a floating-point number.
    let options = options.extra_float_digits(None);
    Ok(match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("contacts-api"),
    })
}
