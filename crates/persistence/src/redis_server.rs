//! The Redis that several replicas share: it may be away, slow or empty at any moment, and no request
//! pays for that.

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

/// The longest a connection may take to be made; no request waits for that.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// The pauses between signs of life, while it is there and while it is away.
const PAUSE_UP: Duration = Duration::from_millis(400);
const PAUSE_AWAY: Duration = Duration::from_millis(250);

/// How to reach Redis.
pub struct RedisSettings {
    /// `redis://` or `rediss://`, with the password in it.
    pub url: SecretString,
    /// What names are hashed with; the same in every replica.
    pub secret: SecretString,
    /// The longest a request waits for Redis.
    pub patience: Duration,
}

/// The address cannot be one. Never repeats it: it may hold a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("must be a Redis address like redis://:password@host:6379/0, or rediss:// for TLS")]
pub struct RedisUrlError;

/// Why Redis gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum RedisFailure {
    /// It is known to be away; it was not asked.
    #[error("it is away")]
    Away,
    /// Nothing came back in time.
    #[error("no answer in time")]
    TimedOut,
    /// It said no, or the connection broke.
    #[error(transparent)]
    Refused(#[from] RedisError),
}

const UNKNOWN: u8 = 0;
const UP: u8 = 1;
const AWAY: u8 = 2;

/// The Redis server. Requests ask it only while it is up; a task of its own finds out when it is.
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
    /// Looks whether it is there, and goes on looking as long as somebody holds what this gives. One that
    /// is away is no fault. Must be called on the runtime that is to look.
    ///
    /// # Errors
    /// When the address cannot be one.
    pub async fn watch(settings: &RedisSettings) -> Result<Arc<Self>, RedisUrlError> {
        let client = client(settings.url.expose_secret())?;
        let patience = settings.patience;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_PATIENCE))
            .set_response_timeout(Some(patience))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(|_| RedisUrlError)?;
        let key = subkey(&settings.secret);
        let server = Arc::new(Self { connection, patience, state: AtomicU8::new(UNKNOWN), key });
        server.look().await;
        tokio::spawn(keep_looking(Arc::downgrade(&server)));
        Ok(server)
    }

    /// Whether requests ask it.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.state.load(Ordering::Acquire) == UP
    }

    /// What stands for a name in Redis: nobody who reads it there can tell or try out names.
    #[must_use]
    pub fn digest(&self, name: &str) -> String {
        let code = self.key.clone().chain_update(name).finalize().into_bytes();
        code.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Runs one command, for a bounded time, unless Redis is away.
    ///
    /// # Errors
    /// When there is no answer; then Redis counts as away until it gives a sign of life.
    pub async fn run<T, F>(&self, command: impl FnOnce(ConnectionManager) -> F) -> Result<T, RedisFailure>
    where
        F: Future<Output = RedisResult<T>>,
    {
        if !self.is_up() {
            return Err(RedisFailure::Away);
        }
        let span = tracing::info_span!(target: "spans", "redis", otel.kind = "client", db.system.name = "redis");
        let outcome = within(self.patience, command(self.connection.clone())).instrument(span).await;
        outcome.inspect_err(|failure| self.became(AWAY, Some(failure)))
    }

    /// Asks for a sign of life: it must be able to write, in time.
    async fn look(&self) {
        let mut connection = self.connection.clone();
        // The first command after a loss waits for the connection; only one on a living connection shows
        // how quick it is.
        let connect = async { redis::cmd("PING").query_async::<()>(&mut connection).await };
        let outcome = match within(CONNECT_PATIENCE + self.patience, connect).await {
            Ok(()) => {
                let write = async {
                    let mut write = redis::cmd("SET");
                    write.arg("contacts:alive").arg(1).arg("PX").arg(60_000);
                    write.query_async::<()>(&mut connection).await
                };
                within(self.patience, write).await
            }
            lost @ Err(_) => lost,
        };
        match outcome {
            Ok(()) => self.became(UP, None),
            Err(failure) => self.became(AWAY, Some(&failure)),
        }
    }

    /// Notes what it is; a change is logged, once.
    fn became(&self, state: u8, failure: Option<&RedisFailure>) {
        let before = self.state.swap(state, Ordering::AcqRel);
        match failure {
            _ if before == state => {}
            Some(failure) => tracing::warn!(cause = %failure, "Redis is away: each process counts by itself"),
            None => tracing::info!("Redis is there: the replicas count together"),
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

async fn keep_looking(server: Weak<RedisServer>) {
    while let Some(server) = server.upgrade() {
        let pause = if server.is_up() { PAUSE_UP } else { PAUSE_AWAY };
        // Nobody is kept alive by being looked at.
        let waiting = Arc::downgrade(&server);
        drop(server);
        sleep(pause).await;
        match waiting.upgrade() {
            Some(server) => server.look().await,
            None => return,
        }
    }
}

fn client(url: &str) -> Result<Client, RedisUrlError> {
    let info = url.into_connection_info().map_err(|_| RedisUrlError)?;
    let is_wanted = ["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme));
    let is_verified = !matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. });
    if !is_wanted || !is_verified {
        return Err(RedisUrlError);
    }
    Client::open(info).map_err(|_| RedisUrlError)
}

/// A key of our own from a secret that signs other things too.
fn subkey(secret: &SecretString) -> Hmac<Sha256> {
    let hmac = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key);
    let derived = hmac(secret.expose_secret().as_bytes())
        .map(|mac| mac.chain_update(b"contacts-api/redis-names/v1").finalize().into_bytes());
    // HMAC takes keys of every length.
    derived.and_then(|key| hmac(&key)).unwrap_or_else(|_| Hmac::new(&Default::default()))
}
