//! Erase: the audit trails of accounts that were deleted.

use chrono::Duration;

use crate::{Ports, account::UserId, store::StoreError, time::Instant};

/// Events that are removed in one unit.
const EVENTS_AT_ONCE: u64 = 1000;
/// Units that a deletion runs after its own. The sweep runs those that are left.
const UNITS_AFTER_DELETION: usize = 20;
/// Accounts that one sweep looks after.
const ACCOUNTS_AT_ONCE: u64 = 10_000;
/// How long an account is remembered as deleted: a sign-in that was on its way may still record an event under its id.
const NOTE_RETENTION: Duration = Duration::hours(1);

/// An account that was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletedAccount {
    /// The id, which names nobody any more.
    pub user: UserId,
    /// When it was deleted.
    pub at: Instant,
}

/// Removes the events of an account that has just been deleted, unless there are very many, and what the store may still
/// hold of deleted rows.
pub(crate) async fn erase_trail(ports: &Ports, user: UserId) -> Result<(), StoreError> {
    for _ in 0..UNITS_AFTER_DELETION {
        if purge(ports, user).await? < EVENTS_AT_ONCE {
            break;
        }
    }
    ports.store.scrub().await?;
    Ok(())
}

/// Removes what a deletion may have left: events that were too many, were recorded a moment later, or whose removal was
/// interrupted. Each piece has a unit of its own. Returns the number of events.
///
/// # Errors
/// Only what the store reports.
pub async fn erase_trails(ports: &Ports) -> Result<u64, StoreError> {
    let accounts = ports.store.deleted_accounts(ACCOUNTS_AT_ONCE).await?;
    let mut removed = 0;
    for DeletedAccount { user, at } in &accounts {
        loop {
            let events = purge(ports, *user).await?;
            removed += events;
            if events < EVENTS_AT_ONCE {
                break;
            }
        }
        if *at + NOTE_RETENTION <= ports.clock.now() {
            let mut unit = ports.store.begin().await?;
            unit.forget_deleted_account(*user).await?;
            unit.commit().await?;
        }
    }
    if !accounts.is_empty() {
        ports.store.scrub().await?;
    }
    Ok(removed)
}

async fn purge(ports: &Ports, user: UserId) -> Result<u64, StoreError> {
    let mut unit = ports.store.begin().await?;
    let events = unit.purge_audit_events_of(user, EVENTS_AT_ONCE).await?;
    unit.commit().await?;
    Ok(events)
}
