//! Erases the audit trails of deleted accounts.

use chrono::Duration;

use crate::{Ports, account::UserId, store::StoreError, time::Timestamp};

/// Maximum number of events removed in one unit.
const EVENTS_AT_ONCE: u64 = 1000;
/// Maximum number of units that a deletion runs after its own. The sweep removes the remaining events.
const UNITS_AFTER_DELETION: usize = 20;
/// Maximum number of accounts handled by one sweep.
const ACCOUNTS_AT_ONCE: u64 = 10_000;
/// Retention of the note that an account was deleted. A sign-in in progress may still record an event under its id.
const NOTE_RETENTION: Duration = Duration::hours(1);

/// Note that an account was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletedAccount {
    /// Id of the former user; it identifies no one any more.
    pub user: UserId,
    /// Time of the deletion.
    pub at: Timestamp,
}

/// Removes the events of an account that was just deleted, at most 20,000, and scrubs deleted rows from the files of
/// the store.
pub(crate) async fn erase_trail(ports: &Ports, user: UserId) -> Result<(), StoreError> {
    for _ in 0..UNITS_AFTER_DELETION {
        if purge(ports, user).await? < EVENTS_AT_ONCE {
            break;
        }
    }
    ports.store.scrub().await?;
    Ok(())
}

/// Removes the events that a deletion left: those beyond its maximum, those recorded shortly after it, and those whose
/// removal was interrupted. Each batch has its own unit. Returns the number of events.
///
/// # Errors
/// The first error of the store, after every account was tried: one that fails does not stop the others.
pub async fn erase_trails(ports: &Ports) -> Result<u64, StoreError> {
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
        let events = purge(ports, account.user).await?;
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

async fn purge(ports: &Ports, user: UserId) -> Result<u64, StoreError> {
    let mut unit = ports.store.begin().await?;
    let events = unit.purge_audit_events_of(user, EVENTS_AT_ONCE).await?;
    unit.commit().await?;
    Ok(events)
}
