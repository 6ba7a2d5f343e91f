//! The Redis server that replicas share. It may become unavailable, slow or empty at any time without failing or
//! delaying requests.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc, Weak,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use redis::{
    Client, ConnectionAddr, IntoConnectionInfo as _, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use tokio::time::{sleep, timeout};
use tracing::Instrument as _;

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
    /// Maximum wait of a request for Redis.
    pub patience: Duration,
}

/// The URL is not valid. The message never contains it: it may contain a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be a Redis URL like redis://:password@host:6379/0, or rediss:// for TLS")]
pub struct RedisUrlError;

/// Errors of [`RedisServer::run`].
#[derive(Debug, thiserror::Error)]
pub enum RedisFailure {
    /// Redis is marked as unavailable; no command was sent.
    #[error("unavailable")]
    Away,
    /// No answer within the timeout.
    #[error("no answer in time")]
    TimedOut,
    /// Redis returned an error, or the connection was lost.
    #[error(transparent)]
    Refused(#[from] RedisError),
}

const UNKNOWN: u8 = 0;
const UP: u8 = 1;
const DOWN: u8 = 2;

/// The Redis server, with a circuit breaker. Requests use it only while it is up; a background task probes it.
pub struct RedisServer {
    connection: ConnectionManager,
    patience: Duration,
    state: AtomicU8,
    key: Hmac<Sha256>,
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisServer").field("is_up", &self.is_up()).finish_non_exhaustive()
    }
}

impl RedisServer {
    /// Probes the server once, then in the background until the returned server is dropped. An unavailable server is
    /// not an error. Must be called on the runtime that runs the probes.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub async fn watch(settings: &RedisSettings) -> Result<Arc<Self>, RedisUrlError> {
        let client = client(settings.url.expose_secret())?;
        let patience = settings.patience;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(patience))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| RedisUrlError)?;
        let key = subkey(&settings.secret);
        let server = Arc::new(Self { connection, patience, state: AtomicU8::new(UNKNOWN), key });
        server.probe().await;
        tokio::spawn(keep_probing(Arc::downgrade(&server)));
        Ok(server)
    }

    /// True while requests may use it.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state.load(Ordering::Acquire) == UP
    }

    /// Returns the keyed hash that replaces a name in Redis. A reader of Redis can neither recover nor guess names.
    #[must_use]
    pub fn digest(&self, name: &str) -> String {
        let code = self.key.clone().chain_update(name).finalize().into_bytes();
        code.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Runs one command with a timeout, unless Redis is unavailable.
    ///
    /// # Errors
    /// When the command fails. Redis is then marked as unavailable until a probe succeeds.
    pub async fn run<T, F>(&self, command: impl FnOnce(ConnectionManager) -> F) -> Result<T, RedisFailure>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if !self.is_up() {
            return Err(RedisFailure::Away);
        }
        let span = tracing::info_span!(target: "spans", "redis", otel.kind = "client", db.system.name = "redis");
        let outcome = within(self.patience, command(self.connection.clone())).instrument(span).await;
        outcome.inspect_err(|failure| self.set_state(DOWN, Some(failure)))
    }

    /// Probes the server: a write must succeed within the timeout.
    async fn probe(&self) {
        let mut connection = self.connection.clone();
        // The first command after a loss waits for a new connection. Only a command on an open connection measures the
        // latency.
        let connect = async { redis::cmd("PING").query_async::<()>(&mut connection).await };
        let outcome = match within(CONNECT_TIMEOUT + self.patience, connect).await {
            Ok(()) => {
                let write = async {
                    let mut write = redis::cmd("SET");
                    write.arg("contacts:alive").arg(1).arg("PX").arg(60_000);
                    write.query_async::<()>(&mut connection).await
                };
                within(self.patience, write).await
            }
            failed @ Err(_) => failed,
        };
        match outcome {
            Ok(()) => self.set_state(UP, None),
            Err(failure) => self.set_state(DOWN, Some(&failure)),
        }
    }

    /// Stores the state, and logs it when it has changed.
    fn set_state(&self, state: u8, failure: Option<&RedisFailure>) {
        let before = self.state.swap(state, Ordering::AcqRel);
        match failure {
            _ if before == state => {}
            Some(failure) => tracing::warn!(cause = %failure, "redis unavailable, rate limits counted per process"),
            None => tracing::info!("redis available, rate limits shared by all replicas"),
        }
    }
}

async fn within<T>(patience: Duration, answer: impl Future<Output = RedisResult<T>>) -> Result<T, RedisFailure> {
    match timeout(patience, answer).await {
        Ok(Err(error)) if error.is_timeout() => Err(RedisFailure::TimedOut),
        Ok(answer) => Ok(answer?),
        Err(_) => Err(RedisFailure::TimedOut),
    }
}

async fn keep_probing(server: Weak<RedisServer>) {
    while let Some(server) = server.upgrade() {
        let pause = if server.is_up() { PAUSE_UP } else { PAUSE_DOWN };
        // The background task must not keep the server alive.
        let waiting = Arc::downgrade(&server);
        drop(server);
        sleep(pause).await;
        match waiting.upgrade() {
            Some(server) => server.probe().await,
            None => return,
        }
    }
}

fn client(url: &str) -> Result<Client, RedisUrlError> {
    let info = url.into_connection_info().map_err(|_| RedisUrlError)?;
    let has_known_scheme = ["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme));
    let is_verified = !matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. });
    if !has_known_scheme || !is_verified {
        return Err(RedisUrlError);
    }
    Client::open(info).map_err(|_| RedisUrlError)
}

/// Derives a separate key from a secret that also signs other data.
fn subkey(secret: &SecretString) -> Hmac<Sha256> {
    let hmac = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key);
    let derived = hmac(secret.expose_secret().as_bytes())
        .map(|mac| mac.chain_update(b"contacts-api/redis-names/v1").finalize().into_bytes());
    // HMAC accepts keys of any length.
    derived.and_then(|key| hmac(&key)).unwrap_or_else(|_| Hmac::new(&Default::default()))
}
