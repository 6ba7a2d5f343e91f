//! Sweep: removes expired rows.

use std::pin::Pin;

use super::{erase_remaining_events, forget_deletions, purge_old_trash, remove_unverified_accounts};
use crate::{
    account::OneTimeToken,
    app_password::AppPassword,
    audit::AuditOutcome,
    error::StoreError,
    idempotency,
    mail::{PARKED_RETENTION, UNVERIFIED_PERIOD},
    ports::Ports,
    store::UnitOfWork,
};

/// Maximum number of rows removed in one unit. A unit must be short, however many rows have expired.
const ROWS_PER_UNIT: u64 = 1000;

/// Numbers of rows that a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Sessions that were ended or had expired.
    pub sessions: u64,
    /// App passwords that expired long ago.
    pub app_passwords: u64,
    /// Expired one-time tokens.
    pub one_time_tokens: u64,
    /// Events of the audit trail past their retention.
    pub audit_events: u64,
    /// Parked mails past their retention.
    pub parked_mails: u64,
    /// Contacts in the trash past their retention.
    pub trashed_contacts: u64,
    /// Recorded deletions of contacts, beyond the limit of their user.
    pub deletions: u64,
    /// Idempotency keys past their retention.
    pub idempotency_keys: u64,
    /// Accounts whose e-mail was not verified in time.
    pub unverified_accounts: u64,
    /// Expired slots for mails to unverified e-mail addresses.
    pub mail_slots: u64,
    /// Events of the audit trail of deleted accounts.
    pub events_of_deleted_accounts: u64,
}

/// Removes expired rows: sessions, app passwords, one-time tokens, audit events, parked mails, trashed contacts, recorded
/// deletions, idempotency keys, mail slots and unverified accounts. Expired sessions, app passwords and tokens are already
/// invalid before they are removed.
///
/// Each kind is removed in batches, each in its own unit, so that no other writer waits long. An error of one kind does
/// not stop the others.
///
/// # Errors
/// The first error of the store, after every kind was tried.
pub async fn sweep(ports: &Ports) -> Result<SweepReport, StoreError> {
    let now = ports.clock.now();
    let lifetime = ports.policy.session_lifetime();
    let (created_until, used_until) = (now - lifetime.total, now - lifetime.idle);
    let (parked_until, keys_until) = (now - PARKED_RETENTION, now - idempotency::RETENTION);
    let (slots_until, tokens_until) = (now - UNVERIFIED_PERIOD, now - OneTimeToken::REPEATABLE_FOR);
    let app_passwords_until = now - AppPassword::EXPIRED_RETENTION;

    let sessions = in_batches(ports, |unit| unit.purge_sessions(created_until, used_until, ROWS_PER_UNIT)).await;
    let app_passwords = in_batches(ports, |unit| unit.purge_app_passwords(app_passwords_until, ROWS_PER_UNIT)).await;
    let one_time_tokens = in_batches(ports, |unit| unit.purge_one_time_tokens(tokens_until, ROWS_PER_UNIT)).await;
    let audit_events = purge_audit_events(ports).await;
    let parked_mails = in_batches(ports, |unit| unit.purge_parked_mails(parked_until, ROWS_PER_UNIT)).await;
    let trashed_contacts = purge_old_trash(ports).await;
    // Runs after the trash: purging it records deletions.
    let deletions = forget_deletions(ports).await;
    let idempotency_keys = in_batches(ports, |unit| unit.purge_idempotency_keys(keys_until, ROWS_PER_UNIT)).await;
    let mail_slots = in_batches(ports, |unit| unit.purge_mail_slots(slots_until, ROWS_PER_UNIT)).await;
    let unverified_accounts = remove_unverified_accounts(ports).await;
    // Runs after the accounts: removing them leaves events.
    let events_of_deleted_accounts = erase_remaining_events(ports).await;
    Ok(SweepReport {
        sessions: sessions?,
        app_passwords: app_passwords?,
        one_time_tokens: one_time_tokens?,
        audit_events: audit_events?,
        parked_mails: parked_mails?,
        trashed_contacts: trashed_contacts?,
        deletions: deletions?,
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
        removed += in_batches(ports, |unit| unit.purge_audit_events(until, outcome, ROWS_PER_UNIT)).await?;
    }
    Ok(removed)
}

/// The future of one unit: removes at most [`ROWS_PER_UNIT`] rows and returns their number.
type Removal<'unit> = Pin<Box<dyn Future<Output = Result<u64, StoreError>> + Send + 'unit>>;

/// Repeats `remove`, each time in its own unit, until it removes fewer than [`ROWS_PER_UNIT`] rows.
async fn in_batches(
    ports: &Ports,
    remove: impl for<'unit> Fn(&'unit mut dyn UnitOfWork) -> Removal<'unit> + Send + Sync,
) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        let mut unit = ports.store.begin().await?;
        let count = remove(&mut *unit).await?;
        unit.commit().await?;
        removed += count;
        if count < ROWS_PER_UNIT {
            return Ok(removed);
        }
    }
}
