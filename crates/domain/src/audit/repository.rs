//! Storage of the audit trail.

use async_trait::async_trait;

use super::{AuditEvent, AuditOutcome, DeletedAccount};
use crate::{
    error::StoreError,
    ids::{AuditEventId, UserId},
    time::Timestamp,
};

/// Reads of the audit trail, directly from the pool.
#[async_trait]
pub trait AuditQueries {
    /// Returns the latest events of a user, at most `limit`, by descending id. With `before`, only those with a lower id.
    async fn audit_events_of(
        &self,
        user: UserId,
        before: Option<AuditEventId>,
        limit: u64,
    ) -> Result<Vec<AuditEvent>, StoreError>;

    /// Returns at most `limit` users to warn of wrong passwords. Such a user has a verified e-mail, and a wrong
    /// password was recorded after `noticed`. At least `at_least` wrong passwords were recorded after `since`. No
    /// warning was sent after `since`.
    ///
    /// The cost grows with the events recorded after `noticed`. For each user, at most `at_least` events are read.
    async fn users_to_warn(
        &self,
        since: Timestamp,
        noticed: Timestamp,
        at_least: u64,
        limit: u64,
    ) -> Result<Vec<UserId>, StoreError>;

    /// Returns the accounts noted as deleted whose events may still be stored: at most `limit`, the earliest deleted
    /// first.
    async fn deleted_accounts(&self, limit: u64) -> Result<Vec<DeletedAccount>, StoreError>;
}

/// The audit trail in a unit of work. It is append-only: the database MUST reject changes of an event. Events are
/// removed only after the deletion of their account, or past their retention.
#[async_trait]
pub trait AuditTrail {
    /// Adds an event. Its user need not exist: the account may have just been deleted.
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError>;

    /// Notes that an account was deleted. Its events are removed later, because there may be very many.
    async fn record_deleted_account(&mut self, account: DeletedAccount) -> Result<(), StoreError>;

    /// Removes at most `limit` events of a user. Returns the number of removed events.
    async fn purge_audit_events_of(&mut self, user: UserId, limit: u64) -> Result<u64, StoreError>;

    /// Removes the note that an account was deleted.
    async fn forget_deleted_account(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Removes at most `limit` events with this outcome that happened at or before `until`. Returns the number of
    /// removed events.
    async fn purge_audit_events(
        &mut self,
        until: Timestamp,
        outcome: AuditOutcome,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
