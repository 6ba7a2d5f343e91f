//! Moves contacts into the trash, within its limit.

use super::{PURGED_AT_ONCE, release_pictures};
use crate::{
    contact::{
        ChangeNumber,
        trash::{PurgeScope, trash_limit},
    },
    error::StoreError,
    ids::{ContactId, UserId},
    ports::Ports,
    store::UnitOfWork,
};

/// Moves contacts that are locked by the unit into the trash, each with a number that the unit has taken. It then deletes
/// the contacts beyond the limit of the trash, so that repeated creating and deleting cannot fill the disk.
pub(crate) async fn move_to_trash(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    owner: UserId,
    contacts: &[(ContactId, ChangeNumber)],
) -> Result<(), StoreError> {
    unit.trash_contacts(owner, contacts, ports.clock.now()).await?;
    let surplus = PurgeScope::Surplus(owner, trash_limit(ports.policy.contact_limit));
    let purged = unit.purge_trash(surplus, PURGED_AT_ONCE).await?;
    release_pictures(ports, unit, purged.photos).await
}
