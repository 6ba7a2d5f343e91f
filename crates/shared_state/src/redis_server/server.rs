//! The Redis server, behind a circuit breaker.

use std::{fmt, future::Future, io, sync::Arc, thread, time::Duration};

use redis::{RedisResult, aio::ConnectionManager};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    runtime::{self, Handle},
    sync::oneshot,
};
use tracing::Instrument as _;

use super::{
    connection::client,
    link::{Link, RedisFailure},
    probes::probe_repeatedly,
};
use crate::hashed_names::HashedNames;

/// Settings of the Redis server.
pub struct RedisSettings {
    /// `redis://` or `rediss://` URL; may contain a password.
    pub url: SecretString,
    /// Secret for the hashes of names. Must be the same in every replica.
    pub secret: SecretString,
    /// Timeout of one command.
    pub response_timeout: Duration,
}

/// Errors of [`RedisServer::watch`]. An unavailable server is none.
#[derive(Debug, thiserror::Error)]
pub enum RedisStartError {
    /// The URL is not valid. The message never contains it: it may contain a password.
    #[error("must be a Redis URL like redis://:password@host:6379/0, or rediss:// for TLS")]
    Url,
    /// The thread of the connection cannot be started.
    #[error("the thread for Redis cannot be started")]
    Thread(#[from] io::Error),
}

/// The Redis server, with a circuit breaker. Requests use it only while it is up; a background task probes it.
///
/// A command that fails or is late opens the circuit and is followed by a probe at once. So no request waits for a
/// server that hangs, and a single late answer separates the counters of the replicas for some milliseconds only.
///
/// A probe runs the script that requests need. So a server that does not run scripts is unavailable.
///
/// The connection has a thread of its own. It writes commands, reads answers and decides which of them are late. A
/// worker that is busy with requests delays no answer, and an answer that waits for a busy worker is not late.
pub struct RedisServer {
    link: Arc<Link>,
    names: HashedNames,
    thread: Handle,
    /// The thread ends when this is dropped.
    _alive: oneshot::Sender<()>,
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisServer").field("is_up", &self.is_up()).finish_non_exhaustive()
    }
}

impl RedisServer {
    /// Probes the server once, then in the background until the returned server is dropped. An unavailable server is
    /// not an error.
    ///
    /// # Errors
    /// When the URL is not valid, or the thread cannot be started.
    pub async fn watch(settings: &RedisSettings) -> Result<Arc<Self>, RedisStartError> {
        let client = client(settings.url.expose_secret()).ok_or(RedisStartError::Url)?;
        let link = Link::new(client, settings.response_timeout).map_err(|_| RedisStartError::Url)?;
        let link = Arc::new(link);
        let (probed, first_probe) = oneshot::channel();
        let (alive, ended) = oneshot::channel();
        let probes = probe_repeatedly(Arc::clone(&link), probed);
        let thread = start_thread(async {
            tokio::select! {
                () = probes => {}
                _ = ended => {}
            }
        })?;
        // Without an answer the server stays unavailable.
        let _ = first_probe.await;
        Ok(Arc::new(Self { link, names: HashedNames::new(&settings.secret), thread, _alive: alive }))
    }

    /// True while requests may use it.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.link.is_up()
    }

    /// Returns the keyed hash that replaces a name in Redis. A reader of Redis can neither recover nor guess names.
    #[must_use]
    pub fn digest(&self, name: &str) -> String {
        self.names.digest(name)
    }

    /// Runs one command with a timeout, unless Redis is unavailable. A command whose caller no longer waits is
    /// completed nevertheless.
    ///
    /// # Errors
    /// When the command fails. Redis is then unavailable until a probe succeeds.
    pub async fn run<T, F>(
        &self,
        command: impl FnOnce(ConnectionManager) -> F + Send + 'static,
    ) -> Result<T, RedisFailure>
    where
        T: Send + 'static,
        F: Future<Output = RedisResult<T>> + Send + 'static,
    {
        if !self.is_up() {
            return Err(RedisFailure::Unavailable);
        }
        let span = tracing::info_span!(target: "spans", "redis", otel.kind = "client", db.system.name = "redis");
        let link = Arc::clone(&self.link);
        let task = self.thread.spawn(async move { link.run(command).await });
        task.instrument(span).await.unwrap_or(Err(RedisFailure::Unavailable))
    }
}

/// Runs a task on a new thread until it ends, and with it all that is spawned there.
fn start_thread(task: impl Future<Output = ()> + Send + 'static) -> io::Result<Handle> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("redis".to_owned()).spawn(move || runtime.block_on(task))?;
    Ok(handle)
}
