//! What the audit trail needs of a store.

use async_trait::async_trait;

use super::{AuditEvent, AuditOutcome};
use crate::{account::UserId, store::StoreError, time::Instant};

/// Reads of the trail, off the pool.
#[async_trait]
pub trait AuditQueries {
    /// The latest events of a user, at most so many, the latest (by id) first.
    async fn audit_events_of(&self, user: UserId, limit: u64) -> Result<Vec<AuditEvent>, StoreError>;
}

/// The trail in a unit of work. It is only added to: nothing changes an event (the database MUST
/// refuse it), and events go only with the account they concern or with their age.
#[async_trait]
pub trait AuditTrail {
    /// Adds an event. It outlives the user it names: the removal of an account is recorded too.
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError>;

    /// Removes at most `limit` events of that outcome that happened at or before `until`; returns how many.
    async fn purge_audit_events(
        &mut self,
        until: Instant,
        outcome: AuditOutcome,
        limit: u64,
    ) -> Result<u64, StoreError>;
}
