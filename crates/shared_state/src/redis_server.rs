//! The Redis server that replicas share. It may become unavailable, slow or empty at any time without failing or
//! delaying requests.

use std::{
    fmt,
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use redis::{
    Client, ConnectionAddr, IntoConnectionInfo as _, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    runtime::{self, Handle},
    sync::{Notify, oneshot},
    time::timeout,
};
use tracing::Instrument as _;

use crate::hashed_names::HashedNames;

/// Timeout for establishing a connection. No request waits for it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Pause between probes while Redis is available.
const PAUSE_UP: Duration = Duration::from_millis(400);
/// Pause between probes while Redis is unavailable.
const PAUSE_DOWN: Duration = Duration::from_millis(250);

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

/// Errors of [`RedisServer::run`].
#[derive(Debug, thiserror::Error)]
pub enum RedisFailure {
    /// Redis is unavailable; no command was sent.
    #[error("unavailable")]
    Unavailable,
    /// No answer within the timeout.
    #[error("no answer in time")]
    TimedOut,
    /// Redis returned an error, or the connection was lost.
    #[error(transparent)]
    Rejected(#[from] RedisError),
}

/// The Redis server, with a circuit breaker. Requests use it only while it is up; a background task probes it.
///
/// A command that fails or is late opens the circuit and is followed by a probe at once. So no request waits for a
/// server that hangs, and a single late answer separates the counters of the replicas for some milliseconds only.
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
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(settings.response_timeout))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| RedisStartError::Url)?;
        let link = Arc::new(Link {
            connection,
            response_timeout: settings.response_timeout,
            is_up: AtomicBool::new(false),
            probe_requests: Notify::new(),
        });
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
        let task = self.thread.spawn(async move {
            let outcome = within(link.response_timeout, command(link.connection.clone())).await;
            outcome.inspect_err(|_| link.report_failure())
        });
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

/// The connection, and its state. Only the thread of the connection sends commands.
struct Link {
    connection: ConnectionManager,
    response_timeout: Duration,
    is_up: AtomicBool,
    /// Request an immediate probe.
    probe_requests: Notify,
}

impl Link {
    fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Acquire)
    }

    /// Opens the circuit, and requests an immediate probe.
    fn report_failure(&self) {
        self.is_up.store(false, Ordering::Release);
        self.probe_requests.notify_one();
    }

    /// Probes the server: a write must succeed within the timeout.
    async fn probe(&self) -> Result<(), RedisFailure> {
        let mut connection = self.connection.clone();
        // The first command after a loss waits for a new connection. Only a command on an open connection measures the
        // latency.
        let connect = async { redis::cmd("PING").query_async::<()>(&mut connection).await };
        within(CONNECT_TIMEOUT + self.response_timeout, connect).await?;
        let write = async {
            let mut write = redis::cmd("SET");
            write.arg("contacts:alive").arg(1).arg("PX").arg(60_000);
            write.query_async::<()>(&mut connection).await
        };
        within(self.response_timeout, write).await
    }
}

/// Probes the server forever. Logs the first result, and each change.
async fn probe_repeatedly(link: Arc<Link>, first: oneshot::Sender<()>) {
    let (mut first, mut logged) = (Some(first), None);
    loop {
        let outcome = link.probe().await;
        let is_up = outcome.is_ok();
        link.is_up.store(is_up, Ordering::Release);
        if logged.replace(is_up) != Some(is_up) {
            log(&outcome);
        }
        if let Some(first) = first.take() {
            // The caller may no longer wait for it.
            let _ = first.send(());
        }
        let pause = if is_up { PAUSE_UP } else { PAUSE_DOWN };
        // A failed command ends the pause.
        let _ = timeout(pause, link.probe_requests.notified()).await;
    }
}

fn log(outcome: &Result<(), RedisFailure>) {
    match outcome {
        Ok(()) => tracing::info!("redis available, rate limits shared by all replicas"),
        Err(failure) => tracing::warn!(cause = %failure, "redis unavailable, rate limits counted per process"),
    }
}

async fn within<T>(limit: Duration, answer: impl Future<Output = RedisResult<T>>) -> Result<T, RedisFailure> {
    match timeout(limit, answer).await {
        Ok(Err(error)) if error.is_timeout() => Err(RedisFailure::TimedOut),
        Ok(answer) => Ok(answer?),
        Err(_) => Err(RedisFailure::TimedOut),
    }
}

/// Returns `None` when the URL is not valid.
fn client(url: &str) -> Option<Client> {
    let info = url.into_connection_info().ok()?;
    let has_known_scheme = ["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme));
    let is_verified = !matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. });
    if !has_known_scheme || !is_verified {
        return None;
    }
    Client::open(info).ok()
}
