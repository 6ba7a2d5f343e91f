//! What the audit trail needs of a store.

use async_trait::async_trait;

use super::{AuditEvent, AuditOutcome, DeletedAccount};
use crate::{account::UserId, store::StoreError, time::Instant};

/// Reads of the trail, off the pool.
#[async_trait]
pub trait AuditQueries {
    /// The latest events of a user, at most so many, the latest (by id) first.
    async fn audit_events_of(&self, user: UserId, limit: u64) -> Result<Vec<AuditEvent>, StoreError>;

    /// Users with a verified address for whom a wrong password was recorded after `noticed`, and at least `at_least` of
    /// them after `since`, and who were not warned after `since`; at most `limit`. Costs what was recorded after `noticed`,
    /// and of each user at most so many events, whoever they are.
    async fn users_to_warn(
        &self,
        since: Instant,
        noticed: Instant,
        at_least: u64,
        limit: u64,
    ) -> Result<Vec<UserId>, StoreError>;

    /// The accounts noted as deleted whose events may still be stored; at most so many, the longest deleted first.
    async fn deleted_accounts(&self, limit: u64) -> Result<Vec<DeletedAccount>, StoreError>;
}

/// The trail in a unit of work. It is only added to: nothing changes an event (the database MUST
/// refuse it), and events go only after the account they concern or with their age.
#[async_trait]
pub trait AuditTrail {
    /// Adds an event. The user that it names need not exist: the account may have been deleted a moment ago.
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError>;

    /// Notes that an account was deleted. Its events are removed later: there may be very many.
    async fn note_deleted_account(&mut self, account: DeletedAccount) -> Result<(), StoreError>;

    /// Removes up to `limit` events of a user; returns how many.
    async fn purge_audit_events_of(&mut self, user: UserId, limit: u64) -> Result<u64, StoreError>;

    /// Removes the note that an account was deleted.
    async fn forget_deleted_account(&mut self, user: UserId) -> Result<(), StoreError>;

    /// Removes at most `limit` events of that outcome that happened at or before `until`; returns how many.
    async fn purge_audit_events(
        &mut self,
        until: Instant,
        outcome: AuditOutcome,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
