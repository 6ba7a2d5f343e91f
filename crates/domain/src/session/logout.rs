//! Sign out: this session ends at once.

use super::Principal;
use crate::{Ports, store::StoreError};

/// Ends the session that the request came with, its access tokens included. Ending one that has
/// ended already is no error.
///
/// # Errors
/// Only what the store reports.
pub async fn logout(ports: &Ports, principal: &Principal) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    unit.end_session(principal.user.id, principal.session.id).await?;
    unit.commit().await
}
