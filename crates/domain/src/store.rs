//! The storage port: reads directly from the connection pool, writes in a unit of work. A new contact may be written without
//! one, which is faster.

use async_trait::async_trait;

use crate::{
    account::{AccountAdministration, AccountQueries, OneTimeTokenRepository, UserQueries, UserRepository},
    app_password::{AppPasswordQueries, AppPasswordRepository},
    audit::{AuditQueries, AuditTrail},
    contact::{
        ContactCreation, ContactQueries, ContactRepository,
        card_resource::{CardResourceQueries, CardResourceRepository},
        changes::{ChangeQueries, DeletionRepository},
        received::{ReceivedCardQueries, ReceivedCardRepository},
        trash::{TrashQueries, TrashRepository},
    },
    error::StoreError,
    idempotency::IdempotencyKeys,
    mail::{OutboxQueries, OutboxRepository},
    picture::{OrphanedPictureQueries, OrphanedPictureRepository},
    session::{KnownDeviceQueries, KnownDeviceRepository, SessionQueries, SessionRepository},
};

/// The store. Reads (the `…Queries` traits) see committed data only. Unless documented otherwise, they lock nothing,
/// open no transaction and cost one statement each.
#[async_trait]
pub trait Store:
    UserQueries
    + AccountQueries
    + SessionQueries
    + AppPasswordQueries
    + KnownDeviceQueries
    + ContactQueries
    + ContactCreation
    + TrashQueries
    + ChangeQueries
    + ReceivedCardQueries
    + CardResourceQueries
    + OutboxQueries
    + OrphanedPictureQueries
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
///
/// A new row MUST be rejected when another row has its key, or when its user does not exist. After that, as after a
/// `Conflict`, the unit can only be dropped: `commit` returns an error, and commits nothing.
#[async_trait]
pub trait UnitOfWork:
    UserRepository
    + AccountAdministration
    + OneTimeTokenRepository
    + SessionRepository
    + AppPasswordRepository
    + KnownDeviceRepository
    + ContactRepository
    + TrashRepository
    + DeletionRepository
    + ReceivedCardRepository
    + CardResourceRepository
    + OutboxRepository
    + OrphanedPictureRepository
    + AuditTrail
    + IdempotencyKeys
    + Send
{
    /// Commits the writes. They are durable once this returns `Ok`.
    ///
    /// # Errors
    /// `Unavailable` or `Backend`; then all writes were committed, or none. The answer of a database server can be late or
    /// lost after the server has committed. So a request that is repeated after an error must find what it has written.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
