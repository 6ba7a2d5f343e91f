//! Permanently deletes contacts in the trash.

use super::release_pictures;
use crate::{contact::trash::PurgeScope, error::StoreError, ports::Ports};

/// Maximum number of contacts deleted in one unit. A unit must be short.
pub(crate) const PURGED_AT_ONCE: u64 = 500;

/// Permanently deletes all contacts of a scope, in several units. Returns their number.
pub(crate) async fn purge_all_trash(ports: &Ports, scope: PurgeScope) -> Result<u64, StoreError> {
    let mut purged = 0;
    loop {
        let count = purge_trash(ports, scope).await?;
        purged += count;
        if count < PURGED_AT_ONCE {
            return Ok(purged);
        }
    }
}

/// Permanently deletes at most [`PURGED_AT_ONCE`] contacts of a scope in one unit. Returns their number.
pub(crate) async fn purge_trash(ports: &Ports, scope: PurgeScope) -> Result<u64, StoreError> {
    let mut unit = ports.store.begin().await?;
    let purged = unit.purge_trash(scope, PURGED_AT_ONCE).await?;
    release_pictures(ports, &mut *unit, purged.photos).await?;
    unit.commit().await?;
    Ok(purged.contacts)
}
