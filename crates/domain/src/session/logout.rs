//! Logout: ends the session of the request.

use super::Principal;
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    store::StoreError,
};

/// Ends the session of the request and invalidates its access tokens. Succeeds if the session has already ended.
///
/// # Errors
/// Errors of the store.
pub async fn logout(ports: &Ports, principal: &Principal) -> Result<(), StoreError> {
    let user = principal.user.id;
    let mut unit = ports.store.begin().await?;
    unit.end_session(user, principal.session.id).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::SignOut, user, &principal.client)).await?;
    unit.commit().await
}
