//! Erases the audit trail of an account, right after its deletion.

use crate::{error::StoreError, ids::UserId, ports::Ports};

/// Maximum number of events removed in one unit.
pub(crate) const EVENTS_AT_ONCE: u64 = 1000;
/// Maximum number of units that a deletion runs after its own. The sweep removes the remaining events.
const UNITS_AFTER_DELETION: usize = 20;

/// Removes the events of an account that was just deleted, at most 20,000, and scrubs deleted rows from the files of
/// the store.
pub(crate) async fn erase_trail(ports: &Ports, user: UserId) -> Result<(), StoreError> {
    for _ in 0..UNITS_AFTER_DELETION {
        if purge_events(ports, user).await? < EVENTS_AT_ONCE {
            break;
        }
    }
    ports.store.scrub().await?;
    Ok(())
}

/// Removes at most [`EVENTS_AT_ONCE`] events of a user in one unit. Returns their number.
pub(crate) async fn purge_events(ports: &Ports, user: UserId) -> Result<u64, StoreError> {
    let mut unit = ports.store.begin().await?;
    let events = unit.purge_audit_events_of(user, EVENTS_AT_ONCE).await?;
    unit.commit().await?;
    Ok(events)
}
