//! The storage port: reads directly from the connection pool, writes in a unit of work.

use std::error::Error as StdError;

use async_trait::async_trait;

use crate::{
    account::{OneTimeTokenRepository, UserQueries, UserRepository},
    audit::{AuditQueries, AuditTrail},
    contact::{
        ContactQueries, ContactRepository,
        trash::{TrashQueries, TrashRepository},
    },
    idempotency::IdempotencyKeys,
    mail::{OutboxQueries, OutboxRepository},
    picture::{StrayPictureQueries, StrayPictureRepository},
    session::{KnownDeviceQueries, KnownDeviceRepository, SessionQueries, SessionRepository},
};

/// Cause of an error inside an adapter. For the log only, never for a client.
pub type Source = Box<dyn StdError + Send + Sync>;

/// Uniqueness rule that the database enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueKey {
    /// One user per e-mail address.
    UserEmail,
}

/// Errors of a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index rejected the write.
    #[error("conflict on {0:?}")]
    Conflict(UniqueKey),
    /// The database is unavailable, or too busy to answer in time. A later retry may succeed.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// Any other error. It is a defect of the service.
    #[error("the database failed")]
    Backend(#[source] Source),
}

/// The store. Reads (the `…Queries` traits) see committed data only. Unless documented otherwise, they lock nothing,
/// open no transaction and cost one statement each.
#[async_trait]
pub trait Store:
    UserQueries
    + SessionQueries
    + KnownDeviceQueries
    + ContactQueries
    + TrashQueries
    + OutboxQueries
    + StrayPictureQueries
    + AuditQueries
    + Send
    + Sync
{
    /// Begins a unit of work. On SQLite it acquires the write lock immediately.
    ///
    /// # Errors
    /// `Unavailable` when no connection or no write lock is available in time.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Checks that the database answers.
    ///
    /// # Errors
    /// `Unavailable` when it does not answer.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Overwrites the content of deleted rows in files that the store writes itself, such as its write-ahead log. Never
    /// waits long for readers or writers.
    ///
    /// Returns `false` when readers blocked it, so that some content may remain; a later call removes it. A store whose
    /// files belong to a database server does nothing.
    ///
    /// # Errors
    /// `Unavailable` or `Backend`.
    async fn scrub(&self) -> Result<bool, StoreError>;
}

/// One transaction. All writes of one unit become visible together at `commit`, or none does. A dropped unit is rolled
/// back.
#[async_trait]
pub trait UnitOfWork:
    UserRepository
    + OneTimeTokenRepository
    + SessionRepository
    + KnownDeviceRepository
    + ContactRepository
    + TrashRepository
    + OutboxRepository
    + StrayPictureRepository
    + AuditTrail
    + IdempotencyKeys
    + Send
{
    /// Commits the writes. They are durable once this returns `Ok`.
    ///
    /// # Errors
    /// `Unavailable` or `Backend`; then no write was committed.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Returns an error and its causes in one line, for the operator: at most 500 characters.
pub(crate) fn in_one_line(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars().take(500).collect()
}
