//! The store of the contacts service over SeaORM, in a SQLite file or on PostgreSQL; the counters of
//! rate limits, in this process and in Redis.
//!
//! Depended on by `api`, and there by the wiring only.
//!
//! The way in: [`Database::new`] checks the settings, [`Database::migrate`] brings the schema up to
//! date, [`Database::open`] gives a [`SqlStore`], one for each worker, with a pool of its own.
//! [`Database::back_up`] copies a SQLite file while it is in use.
//!
//! [`RedisServer::watch`] finds out whether Redis is there; a [`FallbackRateLimiter`] counts there, and in
//! an [`InProcessRateLimiter`] while it is away.
//!
//! Invariant: entities, rows and SQL never leave this crate; what goes in and out are the types of
//! `domain`.
//! Invariant: no other adapter, no HTTP and no settings source is imported here.
//! Invariant: every write happens in an explicit transaction; under autocommit SQLite may lose a
//! write that was reported as done.
//! Invariant: no value that was stored or searched for stands in an error or a log.

mod audit_events;
mod backup;
mod contacts;
mod database;
mod entities;
mod error;
mod idempotency_keys;
mod known_devices;
mod limits;
mod mail_slots;
mod migrate;
mod one_time_tokens;
mod outbox;
mod private_file;
mod redis_server;
mod scrub;
mod session_cache;
mod sessions;
#[cfg(test)]
mod statements;
mod store;
mod stray_pictures;
mod unit;
mod users;
mod wrong_passwords;

pub use self::{
    backup::BackupError,
    database::{Database, DatabaseSettings, OpenError},
    limits::{FallbackRateLimiter, InProcessRateLimiter, RedisRateLimiter},
    migrate::MigrateError,
    redis_server::{RedisFailure, RedisServer, RedisSettings, RedisUrlError},
    session_cache::{
        CacheReadings, CountedSessionCache, InProcessSessionCache, RedisSessionCache, Remembered, SessionCache, Ticket,
    },
    store::{PoolReadings, SqlStore},
};
