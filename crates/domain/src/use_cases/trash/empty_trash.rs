//! Empties the trash of a user.

use crate::{
    contact::trash::PurgeScope, error::StoreError, ids::UserId, ports::Ports, use_cases::steps::purge_all_trash,
};

/// Permanently deletes all contacts in the owner's trash, with their photos.
///
/// # Errors
/// Errors of the store.
pub async fn empty_trash(ports: &Ports, owner: UserId) -> Result<(), StoreError> {
    purge_all_trash(ports, PurgeScope::AllOf(owner)).await?;
    Ok(())
}
