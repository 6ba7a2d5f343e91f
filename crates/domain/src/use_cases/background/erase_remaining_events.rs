//! Erases the events of deleted accounts that their deletion left in the audit trail.

use chrono::Duration;

use crate::{
    audit::DeletedAccount,
    error::StoreError,
    ports::Ports,
    use_cases::steps::{EVENTS_AT_ONCE, purge_events},
};

/// Maximum number of accounts handled by one sweep.
const ACCOUNTS_AT_ONCE: u64 = 10_000;
/// Retention of the note that an account was deleted. A sign-in in progress may still record an event under its id.
const NOTE_RETENTION: Duration = Duration::hours(1);

/// Removes the events that a deletion left: those beyond its maximum, those recorded shortly after it, and those whose
/// removal was interrupted. Each batch has its own unit. Returns the number of events.
///
/// # Errors
/// The first error of the store, after every account was tried: one that fails does not stop the others.
pub async fn erase_remaining_events(ports: &Ports) -> Result<u64, StoreError> {
    let accounts = ports.store.deleted_accounts(ACCOUNTS_AT_ONCE).await?;
    let (mut removed, mut first_error) = (0, None);
    for account in &accounts {
        match erase_rest(ports, account).await {
            Ok(events) => removed += events,
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    if !accounts.is_empty() {
        ports.store.scrub().await?;
    }
    first_error.map_or(Ok(removed), Err)
}

/// Removes the events of one account, and its note when the note has expired.
async fn erase_rest(ports: &Ports, account: &DeletedAccount) -> Result<u64, StoreError> {
    let mut removed = 0;
    loop {
        let events = purge_events(ports, account.user).await?;
        removed += events;
        if events < EVENTS_AT_ONCE {
            break;
        }
    }
    if account.at + NOTE_RETENTION <= ports.clock.now() {
        let mut unit = ports.store.begin().await?;
        unit.forget_deleted_account(account.user).await?;
        unit.commit().await?;
    }
    Ok(removed)
}
