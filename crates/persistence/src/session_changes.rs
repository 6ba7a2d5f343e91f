//! Changes of users and sessions that other processes make.
//!
//! On PostgreSQL triggers announce them, so no statement can forget it. On SQLite a process that does not serve raises
//! `PRAGMA user_version` in each unit that changes a user or a session.

use std::{convert::Infallible, io, num::NonZeroU64, time::Duration};

use domain::{ids::UserId, session::WatchedSessionCache};
use sqlx::{
    ConnectOptions as _, Error, SqliteConnection,
    postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions},
    sqlite::SqliteConnectOptions,
};
use tokio::{
    pin, select,
    time::{sleep, timeout},
};
use uuid::Uuid;

use crate::{
    database::{Database, Engine, Pooling},
    error::RedactedError,
};

/// Channel of the triggers.
const CHANNEL: &str = "session_changes";
/// Interval between two confirmations. It is much shorter than the time for which a confirmation holds.
const CONFIRM_INTERVAL: Duration = Duration::from_millis(300);
/// Maximum time for an answer of the server.
const TIMEOUT: Duration = Duration::from_secs(1);
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

impl Database {
    /// Passes the announced changes to a cache, and confirms the watch. Reconnects when the connection is lost.
    ///
    /// Returns at once with a pooler that lends a session for each transaction, because no session can listen there.
    pub async fn watch_session_changes(&self, cache: &dyn WatchedSessionCache) {
        let (mut watch, mut is_logged) = (NonZeroU64::MIN, false);
        loop {
            let Err(error) = match (self.engine(), self.pooling()) {
                (Engine::Postgres(_), Pooling::Transaction) => return,
                (Engine::Postgres(options), Pooling::Session) => {
                    follow(options.clone(), watch, cache, &mut is_logged).await
                }
                (Engine::Sqlite { options, .. }, _) => poll(options, &mut watch, cache, &mut is_logged).await,
            };
            // An outage of the database is logged once here: requests report it too.
            if !std::mem::replace(&mut is_logged, true) {
                let error = RedactedError::of_driver(&error);
                tracing::warn!(%error, "watch for session changes interrupted; will be retried");
            }
            watch = watch.saturating_add(1);
            sleep(RECONNECT_PAUSE).await;
        }
    }
}

async fn follow(
    options: PgConnectOptions,
    watch: NonZeroU64,
    cache: &dyn WatchedSessionCache,
    is_logged: &mut bool,
) -> Result<Infallible, Error> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    // Through a pooler that changes the session of a client, it never arrives.
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&mut listener).await?;
    in_time(listener.try_recv()).await?.ok_or_else(lost)?;
    loop {
        // The server sends what was committed before the answer.
        let answer = sqlx::query_scalar::<_, bool>("SELECT pg_is_in_recovery()").fetch_one(&mut listener);
        if in_time(answer).await? {
            return Err(lost());
        }
        while let Some(change) = listener.next_buffered() {
            pass_on(&change, cache).await;
        }
        cache.confirm(watch);
        *is_logged = false;
        pass_on_for(CONFIRM_INTERVAL, &mut listener, cache).await?;
    }
}

/// Begins another watch whenever the number of the file has changed.
async fn poll(
    options: &SqliteConnectOptions,
    watch: &mut NonZeroU64,
    cache: &dyn WatchedSessionCache,
    is_logged: &mut bool,
) -> Result<Infallible, Error> {
    let mut connection = options.connect().await?;
    let mut known = number(&mut connection).await?;
    loop {
        let current = number(&mut connection).await?;
        if std::mem::replace(&mut known, current) != current {
            *watch = watch.saturating_add(1);
        }
        cache.confirm(*watch);
        *is_logged = false;
        sleep(CONFIRM_INTERVAL).await;
    }
}

async fn number(connection: &mut SqliteConnection) -> Result<i32, Error> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await
}

/// Passes on the changes that arrive within a time.
async fn pass_on_for(
    duration: Duration,
    listener: &mut PgListener,
    cache: &dyn WatchedSessionCache,
) -> Result<(), Error> {
    let pause = sleep(duration);
    pin!(pause);
    loop {
        select! {
            () = &mut pause => return Ok(()),
            change = listener.try_recv() => pass_on(&change?.ok_or_else(lost)?, cache).await,
        }
    }
}

async fn pass_on(change: &PgNotification, cache: &dyn WatchedSessionCache) {
    if let Ok(user) = Uuid::try_parse(change.payload()) {
        cache.invalidate(&[UserId(user)]).await;
    }
}

async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(TIMEOUT, answer).await.unwrap_or_else(|_| Err(Error::Io(io::ErrorKind::TimedOut.into())))
}

/// The connection ended, or the server is no longer the primary.
fn lost() -> Error {
    Error::Io(io::ErrorKind::ConnectionAborted.into())
}
