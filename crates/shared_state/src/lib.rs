//! State that replicas share: the counters of rate limits and the cache of sessions, in Redis or in this process.
//!
//! Only the wiring of `api` depends on this crate.
//!
//! Entry points: [`RedisServer::watch`] connects to Redis and monitors its availability. A [`FallbackRateLimiter`]
//! counts in Redis, and in an [`InProcessRateLimiter`] while Redis is unavailable. A [`RedisSessionCache`] caches
//! sessions for all replicas, an [`InProcessSessionCache`] for this process.
//!
//! Locks: the counters of a process are one map behind one mutex. Three other values have a mutex each: the pending
//! invalidations, the connection to Redis, and the cause of a failed command. Each mutex is taken for one
//! step, without another lock and without `await`. A model checker would find no other order than that of the steps. The
//! state of Redis is one flag, and every step that follows it may find that Redis has changed. The order of steps matters in
//! the session cache: `session_cache/interleaving_tests.rs` runs look-ups, stores and invalidations, in all orders of
//! two threads, and in some of three. `session_cache/watch.rs` runs the two numbers of a watch in all orders. Both use
//! loom. The entries are in a cache of moka, whose locks cannot be replaced: a map stands in for it in the models, and the
//! contract tests of the cache run on moka. The counters of look-ups are one atomic step each.
//!
//! Invariant: Redis may be unavailable, slow or empty. No request fails because of it.
//! Invariant: names in Redis are hashed. No password and no token is stored there.
//! Invariant: no other adapter, no HTTP and no settings source is imported here.

mod atomics;
mod hashed_names;
mod limit_scripts;
mod limits;
mod redis_server;
mod session_cache;

pub use self::{
    limits::{FallbackRateLimiter, InProcessRateLimiter, RedisRateLimiter},
    redis_server::{RedisFailure, RedisServer, RedisSettings, RedisStartError},
    session_cache::{
        CacheReadings, CountedSessionCache, InProcessSessionCache, RedisSessionCache, SESSION_CACHE_TTL,
        UNWATCHED_CACHE_TTL,
    },
};
