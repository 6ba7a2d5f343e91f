//! Sweep: remove what has ended by itself.

use crate::{
    Ports, audit::AuditOutcome, contact::trash::purge_old_trash, idempotency, mail::PARKED_RETENTION, store::StoreError,
};

/// Idempotency keys that go in one unit.
const KEYS_AT_ONCE: u64 = 1000;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions past their end.
    pub sessions: u64,
    /// One-time tokens past their end.
    pub one_time_tokens: u64,
    /// Events of the audit trail past their time.
    pub audit_events: u64,
    /// Mails that were given up long ago.
    pub parked_mails: u64,
    /// Contacts that were in the trash for too long.
    pub trashed_contacts: u64,
    /// Idempotency keys past their time.
    pub idempotency_keys: u64,
}

/// Removes sessions and one-time tokens that have ended, which are worth nothing before it too, and
/// the events, parked mails, deleted contacts and idempotency keys that are old enough to be forgotten.
///
/// # Errors
/// Only what the store reports.
pub async fn sweep(ports: &Ports) -> Result<Swept, StoreError> {
    let now = ports.clock.now();
    let mut unit = ports.store.begin().await?;
    let sessions =
        unit.purge_sessions(now - ports.policy.refresh_token_ttl, now - ports.policy.session_idle_timeout).await?;
    let one_time_tokens = unit.purge_one_time_tokens(now).await?;
    let mut audit_events = 0;
    for outcome in AuditOutcome::ALL {
        audit_events += unit.purge_audit_events(now - outcome.retention(), &[*outcome]).await?;
    }
    let parked_mails = unit.purge_parked_mails(now - PARKED_RETENTION).await?;
    unit.commit().await?;
    let trashed_contacts = purge_old_trash(ports).await?;
    let idempotency_keys = purge_idempotency_keys(ports).await?;
    Ok(Swept { sessions, one_time_tokens, audit_events, parked_mails, trashed_contacts, idempotency_keys })
}

/// In units of some, since there may be very many.
async fn purge_idempotency_keys(ports: &Ports) -> Result<u64, StoreError> {
    let until = ports.clock.now() - idempotency::RETENTION;
    let mut all = 0;
    loop {
        let mut unit = ports.store.begin().await?;
        let some = unit.purge_idempotency_keys(until, KEYS_AT_ONCE).await?;
        unit.commit().await?;
        all += some;
        if some < KEYS_AT_ONCE {
            return Ok(all);
        }
    }
}
