//! Sweep: removes rows whose time is over.

use std::pin::Pin;

use crate::{
    Ports,
    account::remove_unverified_accounts,
    audit::{AuditOutcome, erase_trails},
    contact::trash::purge_old_trash,
    idempotency,
    mail::{PARKED_RETENTION, UNVERIFIED_PERIOD},
    store::{StoreError, UnitOfWork},
};

/// Rows that are removed in one unit: a unit must not be long, however many rows wait.
const ROWS_PER_UNIT: u64 = 1000;

/// Numbers of the rows that a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions that were ended or expired.
    pub sessions: u64,
    /// One-time tokens past their end.
    pub one_time_tokens: u64,
    /// Events of the audit trail past their retention.
    pub audit_events: u64,
    /// Mails that were given up long ago.
    pub parked_mails: u64,
    /// Contacts that were in the trash for too long.
    pub trashed_contacts: u64,
    /// Idempotency keys past their retention.
    pub idempotency_keys: u64,
    /// Accounts whose address was never verified.
    pub unverified_accounts: u64,
    /// Slots for mails to unverified addresses that are free again.
    pub mail_slots: u64,
    /// Events of the audit trail of deleted accounts.
    pub events_of_deleted_accounts: u64,
}

/// Removes sessions and one-time tokens that have ended, which are invalid before it too, and
/// the events, parked mails, deleted contacts and idempotency keys that are past their retention.
///
/// Each kind is removed in pieces, each in a unit of its own, so that no other writer waits for long. A kind that
/// fails does not keep the others from being removed.
///
/// # Errors
/// The first failure of the store, after every kind was tried.
pub async fn sweep(ports: &Ports) -> Result<Swept, StoreError> {
    let now = ports.clock.now();
    let (begun, used) = (now - ports.policy.refresh_token_ttl, now - ports.policy.session_idle_timeout);
    let (parked_until, keys_until) = (now - PARKED_RETENTION, now - idempotency::RETENTION);
    let slots_until = now - UNVERIFIED_PERIOD;

    let sessions = in_pieces(ports, |unit| unit.purge_sessions(begun, used, ROWS_PER_UNIT)).await;
    let one_time_tokens = in_pieces(ports, |unit| unit.purge_one_time_tokens(now, ROWS_PER_UNIT)).await;
    let audit_events = purge_audit_events(ports).await;
    let parked_mails = in_pieces(ports, |unit| unit.purge_parked_mails(parked_until, ROWS_PER_UNIT)).await;
    let trashed_contacts = purge_old_trash(ports).await;
    let idempotency_keys = in_pieces(ports, |unit| unit.purge_idempotency_keys(keys_until, ROWS_PER_UNIT)).await;
    let mail_slots = in_pieces(ports, |unit| unit.purge_mail_slots(slots_until, ROWS_PER_UNIT)).await;
    let unverified_accounts = remove_unverified_accounts(ports).await;
    // After the accounts, which leave events.
    let events_of_deleted_accounts = erase_trails(ports).await;
    Ok(Swept {
        sessions: sessions?,
        one_time_tokens: one_time_tokens?,
        audit_events: audit_events?,
        parked_mails: parked_mails?,
        trashed_contacts: trashed_contacts?,
        idempotency_keys: idempotency_keys?,
        mail_slots: mail_slots?,
        unverified_accounts: unverified_accounts?,
        events_of_deleted_accounts: events_of_deleted_accounts?,
    })
}

async fn purge_audit_events(ports: &Ports) -> Result<u64, StoreError> {
    let now = ports.clock.now();
    let mut removed = 0;
    for outcome in AuditOutcome::ALL.iter().copied() {
        let until = now - outcome.retention();
        removed += in_pieces(ports, |unit| unit.purge_audit_events(until, outcome, ROWS_PER_UNIT)).await?;
    }
    Ok(removed)
}

/// The work of one unit: removes at most [`ROWS_PER_UNIT`] rows and returns how many.
type Removal<'unit> = Pin<Box<dyn Future<Output = Result<u64, StoreError>> + Send + 'unit>>;

/// Repeats `remove`, each time in a unit of its own, until it finds less than a whole piece.
async fn in_pieces(
    ports: &Ports,
    remove: impl for<'unit> Fn(&'unit mut dyn UnitOfWork) -> Removal<'unit> + Send + Sync,
) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        let mut unit = ports.store.begin().await?;
        let some = remove(&mut *unit).await?;
        unit.commit().await?;
        removed += some;
        if some < ROWS_PER_UNIT {
            return Ok(removed);
        }
    }
}
