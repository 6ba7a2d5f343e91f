//! Removes a user, when the account is deleted or was never verified.

use super::release_pictures;
use crate::{account::User, audit::DeletedAccount, error::StoreError, ports::Ports, store::UnitOfWork};

/// Removes a locked user, and notes that the audit trail is to be removed.
pub(crate) async fn remove_user(ports: &Ports, unit: &mut dyn UnitOfWork, user: &User) -> Result<(), StoreError> {
    let pictures = unit.delete_user(user).await?;
    unit.record_deleted_account(DeletedAccount { user: user.id, at: ports.clock.now() }).await?;
    release_pictures(ports, unit, pictures).await
}
