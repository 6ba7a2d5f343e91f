//! The store of the contacts service over SeaORM, in a SQLite file or on PostgreSQL.
//!
//! Depended on by `api`, and there by the wiring only.
//!
//! The way in: [`Database::new`] checks the settings, [`Database::migrate`] brings the schema up to
//! date, [`Database::open`] gives a [`SqlStore`], one for each worker, with a pool of its own.
//!
//! Invariant: entities, rows and SQL never leave this crate; what goes in and out are the types of
//! `domain`.
//! Invariant: no other adapter, no HTTP and no settings source is imported here.
//! Invariant: every write happens in an explicit transaction; under autocommit SQLite may lose a
//! write that was reported as done.
//! Invariant: no value that was stored or searched for stands in an error or a log.

mod audit_events;
mod contacts;
mod database;
mod entities;
mod error;
mod migrate;
mod one_time_tokens;
mod outbox;
mod private_file;
mod session_cache;
mod sessions;
#[cfg(test)]
mod statements;
mod store;
mod unit;
mod users;

pub use self::{
    database::{Database, DatabaseSettings, OpenError},
    migrate::MigrateError,
    session_cache::{InProcessSessionCache, Remembered, SessionCache, Ticket},
    store::SqlStore,
};
