use async_trait::async_trait;
use domain::{
    account::UserId,
    audit::{AuditEvent, AuditEventId, AuditQueries, AuditTrail},
    store::StoreError,
    time::Instant,
};

use super::{MemoryStore, MemoryUnit};

#[async_trait]
impl AuditQueries for MemoryStore {
    async fn audit_events_of(
        &self,
        user: UserId,
        after: Option<AuditEventId>,
        limit: u64,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let limit = usize::try_from(limit).unwrap();
        let is_asked = |event: &&AuditEvent| event.user == Some(user) && after.is_none_or(|after| event.id > after);
        Ok(self.read(|state| state.audit_events.values().filter(is_asked).take(limit).cloned().collect()))
    }
}

#[async_trait]
impl AuditTrail for MemoryUnit {
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        self.state.audit_events.insert(event.id, event.clone());
        Ok(())
    }

    async fn purge_audit_events(&mut self, until: Instant) -> Result<u64, StoreError> {
        let before = self.state.audit_events.len();
        self.state.audit_events.retain(|_, event| event.at > until);
        Ok((before - self.state.audit_events.len()) as u64)
    }
}
