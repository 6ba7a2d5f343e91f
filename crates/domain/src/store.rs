//! The storage port: reads straight off the pool, writes in a unit of work.

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

/// The cause of a failure inside an adapter. For the log only, never for a client.
pub type Source = Box<dyn StdError + Send + Sync>;

/// A uniqueness rule that the database keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueKey {
    /// One user for an e-mail address.
    UserEmail,
}

/// What can go wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the write.
    #[error("conflict on {0:?}")]
    Conflict(UniqueKey),
    /// The database is away, or too busy to answer in time. Trying again later may help.
    #[error("the database is unavailable")]
    Unavailable(#[source] Source),
    /// Anything else: a fault of ours.
    #[error("the database failed")]
    Backend(#[source] Source),
}

/// The store. Reads (the `…Queries` traits) lock nothing, open no transaction and cost one
/// statement each unless they say otherwise; they see what was committed.
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
    /// Begins a unit of work. On SQLite the write lock is taken at once.
    ///
    /// # Errors
    /// `Unavailable` when no connection or no write lock could be had in time.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// `Unavailable` when it gives none.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Overwrites what deleted rows have left in a file that the store writes itself, such as its write-ahead log. Returns
    /// `false` when readers were in the way, so that something may be left; a later call does it. Waits for neither readers
    /// nor writers for long. A store whose files are a server's matter does nothing.
    ///
    /// # Errors
    /// `Unavailable` or `Backend`.
    async fn scrub(&self) -> Result<bool, StoreError>;
}

/// One transaction. Writes of one unit become visible together at `commit`, or not at all:
/// a unit that is dropped is rolled back.
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
    /// Makes the writes durable. Only after `Ok` has anything happened.
    ///
    /// # Errors
    /// `Unavailable` or `Backend`; then nothing was written.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// An error and its causes in one line, for the operator: at most 500 characters.
pub(crate) fn in_one_line(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.chars().take(500).collect()
}
