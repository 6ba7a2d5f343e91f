//! SeaORM implementation of the store, for SQLite and PostgreSQL.
//!
//! Only the wiring of `api` depends on this crate.
//!
//! Entry points: [`Database::new`] checks the settings. [`Database::migrate`] updates the schema. [`Database::open`]
//! returns a [`SqlStore`] with its own connection pool; each worker opens one. [`Database::back_up`] copies a SQLite
//! database while it is in use.
//!
//! Locks: connections are lent by deadpool, and the write lock of SQLite is a mutex of tokio, which the connection of a unit
//! of work holds until its transaction has ended. The locks of our own are around the time in `connections/connector.rs`, and around the waiting contacts
//! in `waiting_creations.rs`, for one step each. The only atomic is the flag of a unit of work in `unit.rs`. A model
//! checker would find nothing else there; each file has the reason. `tests/it/serial_order` runs all pairs of operations at
//! once on both databases.
//!
//! Invariant: the public interface uses the types of `domain`; entities, rows and SQL are private.
//! Invariant: no other adapter, no HTTP and no settings source is imported here.
//! Invariant: on SQLite every write runs in an explicit transaction. Under autocommit it may lose a write that it has
//! acknowledged. On PostgreSQL a new contact is one statement, and every other write is in a transaction.
//! Invariant: errors and logs never contain a stored value or a search term.

mod administration;
mod app_passwords;
mod audit_events;
mod backup;
#[cfg(test)]
mod connection_tests;
mod connections;
mod contacts;
mod database;
mod entities;
mod error;
mod idempotency_keys;
mod known_devices;
mod mail_slots;
mod migrate;
mod migration_status;
mod one_time_tokens;
mod open_error;
mod orphaned_pictures;
mod outbox;
#[cfg(test)]
mod purge_plan_tests;
#[cfg(test)]
mod query_plans;
mod scrub;
mod session_announcement;
mod session_changes;
mod sessions;
#[cfg(test)]
mod statement_count_tests;
#[cfg(test)]
mod statement_owner_tests;
mod store;
mod stored_ip;
mod stored_scopes;
mod unit;
mod unreachable;
mod users;
mod waiting_creations;
#[cfg(test)]
mod write_lock_tests;
mod wrong_passwords;

pub use self::{
    backup::BackupError,
    database::{Database, DatabaseSettings, Pooling},
    migrate::MigrateError,
    migration_status::{MigrationState, MigrationStatus},
    open_error::OpenError,
    store::{PoolReadings, SqlStore},
};
