//! The link to Redis: its connection, and its state.

use std::{
    future::Future,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{Client, RedisError, RedisResult, Script, aio::ConnectionManager};
use tokio::{sync::Notify, time::timeout};

use super::connection::{CONNECT_TIMEOUT, lazy_connection};
use crate::limit_scripts::GCRA;

/// Key of the requests that probes count.
const PROBE_KEY: &str = "contacts:alive";
/// Interval of the quota of probes, in microseconds. It is the shortest one, so no probe is rejected for long, and the
/// counter expires after a millisecond.
const PROBE_INTERVAL: u32 = 1;
/// Limit of the quota of probes.
const PROBE_LIMIT: u32 = 1;

/// Errors of [`RedisServer::run`](crate::RedisServer::run).
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

/// The connection, and its state. Only the thread of the connection sends commands.
pub(super) struct Link {
    client: Client,
    connection: Mutex<ConnectionManager>,
    response_timeout: Duration,
    /// Script that probes run.
    script: Script,
    is_up: AtomicBool,
    /// Cause of the first command that failed since the last probe.
    failed_command: Mutex<Option<String>>,
    /// Request an immediate probe.
    probe_requests: Notify,
}

impl Link {
    /// Creates a link that is unavailable until a probe succeeds. Must be called inside a runtime.
    pub(super) fn new(client: Client, response_timeout: Duration) -> RedisResult<Self> {
        let connection = lazy_connection(client.clone(), response_timeout)?;
        Ok(Self {
            client,
            connection: Mutex::new(connection),
            response_timeout,
            script: Script::new(GCRA),
            is_up: AtomicBool::new(false),
            failed_command: Mutex::default(),
            probe_requests: Notify::new(),
        })
    }

    pub(super) fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Acquire)
    }

    pub(super) fn set_up(&self, is_up: bool) {
        self.is_up.store(is_up, Ordering::Release);
    }

    /// Runs one command with a timeout. A failure opens the circuit.
    pub(super) async fn run<T, F>(&self, command: impl FnOnce(ConnectionManager) -> F) -> Result<T, RedisFailure>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let outcome = within(self.response_timeout, command(self.connection())).await;
        outcome.inspect_err(|failure| self.report_failure(failure))
    }

    /// Opens the circuit, and requests an immediate probe.
    fn report_failure(&self, failure: &RedisFailure) {
        self.set_up(false);
        lock(&self.failed_command).get_or_insert_with(|| failure.to_string());
        self.probe_requests.notify_one();
    }

    /// Returns the cause of the first command that failed since the last call.
    pub(super) fn take_failed_command(&self) -> Option<String> {
        lock(&self.failed_command).take()
    }

    /// Waits for a failed command, at most for that time.
    pub(super) async fn wait_for_failure(&self, limit: Duration) {
        let _ = timeout(limit, self.probe_requests.notified()).await;
    }

    /// Probes the server: it must run the script that requests need, which writes, within the timeout.
    pub(super) async fn probe(&self) -> Result<(), RedisFailure> {
        // Only the first run may wait for a new connection. Each command of both has the usual timeout.
        self.count_probe(CONNECT_TIMEOUT + self.response_timeout).await?;
        self.count_probe(self.response_timeout).await
    }

    async fn count_probe(&self, limit: Duration) -> Result<(), RedisFailure> {
        let mut connection = self.connection();
        let mut count = self.script.key(PROBE_KEY);
        count.arg(PROBE_INTERVAL).arg(PROBE_LIMIT);
        let answer: Result<Vec<i64>, RedisFailure> = within(limit, count.invoke_async(&mut connection)).await;
        answer.map(drop)
    }

    fn connection(&self) -> ConnectionManager {
        lock(&self.connection).clone()
    }

    /// Replaces the connection. The old one is closed when its commands in flight have ended. Must be called inside a
    /// runtime.
    pub(super) fn replace_connection(&self) {
        if let Ok(connection) = lazy_connection(self.client.clone(), self.response_timeout) {
            *lock(&self.connection) = connection;
        }
    }
}

/// Locks a value that is valid even after a panic while the lock was held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn within<T>(limit: Duration, answer: impl Future<Output = RedisResult<T>>) -> Result<T, RedisFailure> {
    match timeout(limit, answer).await {
        Ok(Err(error)) if error.is_timeout() => Err(RedisFailure::TimedOut),
        Ok(answer) => Ok(answer?),
        Err(_) => Err(RedisFailure::TimedOut),
    }
}
