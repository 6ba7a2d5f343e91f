//! Rate limiter with counters in Redis, shared by all replicas.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::limit::{Decision, LimitCheck, LimiterBackend, LimiterUnavailable, RateLimiter};
use redis::{FromRedisValue, Script};

use crate::{
    limit_scripts::{GCRA, REVERSE},
    redis_server::RedisServer,
};

/// Count of numbers that the script returns for each key.
const NUMBERS: usize = 4;

/// Rate limiter with counters in Redis. A counter expires when its full quota is available again.
///
/// Needs a single Redis or one behind Sentinel, not a cluster: all keys of a request must be on one server.
pub struct RedisRateLimiter {
    server: Arc<RedisServer>,
    script: Arc<Script>,
    reverse: Arc<Script>,
}

impl RedisRateLimiter {
    /// Creates a limiter that counts on `server`.
    #[must_use]
    pub fn new(server: Arc<RedisServer>) -> Self {
        Self { server, script: Arc::new(Script::new(GCRA)), reverse: Arc::new(Script::new(REVERSE)) }
    }

    /// Returns the Redis key: the name of the counter in plain text, for operators, and a hash of its subject.
    fn key(&self, check: &LimitCheck) -> String {
        let digest = self.server.digest(&check.key.subject_text());
        format!("contacts:limit:{}:{digest}", check.key.counter)
    }

    /// Runs a script with the key and the quota of each check.
    async fn run<T>(&self, script: &Arc<Script>, checks: &[LimitCheck]) -> Result<T, LimiterUnavailable>
    where
        T: FromRedisValue + Send + 'static,
    {
        let script = Arc::clone(script);
        let counters: Vec<_> =
            checks.iter().map(|check| (self.key(check), check.quota.interval_micros(), check.quota.limit())).collect();
        let answer = self.server.run(async move |mut connection| {
            let mut run = script.prepare_invoke();
            for (key, interval, limit) in counters {
                run.key(key).arg(interval).arg(limit);
            }
            run.invoke_async(&mut connection).await
        });
        answer.await.map_err(|error| LimiterUnavailable(Box::new(error)))
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable> {
        let answer: Vec<i64> = self.run(&self.script, checks).await?;
        let decisions: Vec<Decision> = answer.chunks_exact(NUMBERS).filter_map(decision).collect();
        if decisions.len() == checks.len() {
            Ok(decisions)
        } else {
            Err(LimiterUnavailable("Redis returned an unexpected script result".into()))
        }
    }

    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable> {
        self.run::<i64>(&self.reverse, checks).await.map(drop)
    }

    fn backend(&self) -> LimiterBackend {
        if self.server.is_up() { LimiterBackend::Shared } else { LimiterBackend::SharedUnavailable }
    }
}

fn decision(numbers: &[i64]) -> Option<Decision> {
    let [allowed, remaining, retry_after, reset_after] = numbers else { return None };
    let micros = |micros: &i64| Some(Duration::from_micros(u64::try_from(*micros).ok()?));
    Some(Decision {
        allowed: *allowed == 1,
        remaining: u32::try_from(*remaining).ok()?,
        retry_after: micros(retry_after)?,
        reset_after: micros(reset_after)?,
    })
}
