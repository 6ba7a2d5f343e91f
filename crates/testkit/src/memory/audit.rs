use async_trait::async_trait;
use domain::{
    audit::{AuditEvent, AuditOutcome, AuditQueries, AuditTrail, DeletedAccount},
    error::StoreError,
    ids::{AuditEventId, UserId},
    time::Timestamp,
};

use super::{MemoryStore, MemoryUnit, state::remove_some};

#[async_trait]
impl AuditQueries for MemoryStore {
    async fn audit_events_of(
        &self,
        user: UserId,
        before: Option<AuditEventId>,
        limit: u64,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let limit = usize::try_from(limit).unwrap();
        let is_theirs = |event: &&AuditEvent| event.user == Some(user) && before.is_none_or(|before| event.id < before);
        Ok(self.read(|state| state.audit_events.values().rev().filter(is_theirs).take(limit).cloned().collect()))
    }

    async fn users_to_warn(
        &self,
        since: Timestamp,
        noticed: Timestamp,
        at_least: u64,
        limit: u64,
    ) -> Result<Vec<UserId>, StoreError> {
        Ok(self.read(|state| {
            let wrong = |id: UserId, after: Timestamp| {
                let events = state.audit_events.values();
                let is_wrong = |event: &&AuditEvent| event.user == Some(id) && event.at > after;
                events.filter(is_wrong).filter(|event| event.outcome == AuditOutcome::WrongPassword).count() as u64
            };
            let is_due = |id: UserId| state.warned_at.get(&id).is_none_or(|at| *at <= since);
            let users = state.users.values().filter(|found| found.user.email_verified).map(|found| found.user.id);
            let found = users.filter(|id| is_due(*id) && wrong(*id, noticed) > 0 && wrong(*id, since) >= at_least);
            found.take(usize::try_from(limit).unwrap()).collect()
        }))
    }

    async fn deleted_accounts(&self, limit: u64) -> Result<Vec<DeletedAccount>, StoreError> {
        let mut accounts: Vec<_> = self.read(|state| {
            state.deleted_accounts.iter().map(|(user, at)| DeletedAccount { user: *user, at: *at }).collect()
        });
        accounts.sort_by_key(|account: &DeletedAccount| (account.at, account.user));
        accounts.truncate(usize::try_from(limit).unwrap());
        Ok(accounts)
    }
}

#[async_trait]
impl AuditTrail for MemoryUnit {
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        self.require_unique(!self.state.audit_events.contains_key(&event.id))?;
        self.state.audit_events.insert(event.id, event.clone());
        Ok(())
    }

    async fn record_deleted_account(&mut self, account: DeletedAccount) -> Result<(), StoreError> {
        self.require_unique(!self.state.deleted_accounts.contains_key(&account.user))?;
        self.state.deleted_accounts.insert(account.user, account.at);
        Ok(())
    }

    async fn purge_audit_events_of(&mut self, user: UserId, limit: u64) -> Result<u64, StoreError> {
        Ok(remove_some(&mut self.state.audit_events, limit, |_, event| event.user == Some(user)))
    }

    async fn forget_deleted_account(&mut self, user: UserId) -> Result<(), StoreError> {
        self.state.deleted_accounts.remove(&user);
        Ok(())
    }

    async fn purge_audit_events(
        &mut self,
        until: Timestamp,
        outcome: AuditOutcome,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let is_old = |event: &AuditEvent| event.at <= until && event.outcome == outcome;
        Ok(remove_some(&mut self.state.audit_events, limit, |_, event| is_old(event)))
    }
}
