//! Permanently deletes contacts that have been in the trash for too long.

use crate::{
    contact::trash::{PurgeScope, TRASH_RETENTION},
    error::StoreError,
    ports::Ports,
    use_cases::steps::purge_all_trash,
};

/// Permanently deletes the contacts of all owners that have been in the trash for longer than [`TRASH_RETENTION`].
/// Returns their number.
///
/// # Errors
/// Errors of the store.
pub async fn purge_old_trash(ports: &Ports) -> Result<u64, StoreError> {
    purge_all_trash(ports, PurgeScope::DeletedBefore(ports.clock.now() - TRASH_RETENTION)).await
}
