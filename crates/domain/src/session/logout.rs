//! Sign out: this session ends at once.

use super::Principal;
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    store::StoreError,
};

/// Ends the session that the request came with, its access tokens included. Ending one that has
/// ended already is no error.
///
/// # Errors
/// Only what the store reports.
pub async fn logout(ports: &Ports, principal: &Principal) -> Result<(), StoreError> {
    let user = principal.user.id;
    let mut unit = ports.store.begin().await?;
    unit.end_session(user, principal.session.id).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::SignOut, user, &principal.client)).await?;
    unit.commit().await
}
