//! Logout: ends the session of the request.

use crate::{
    audit::AuditAction, error::StoreError, ports::Ports, session::SignedInUser, use_cases::steps::record_success,
};

/// Ends the session of the request and invalidates its access tokens. Succeeds if the session has already ended.
///
/// # Errors
/// Errors of the store.
pub async fn logout(ports: &Ports, principal: &SignedInUser) -> Result<(), StoreError> {
    let user = principal.user.id;
    let mut unit = ports.store.begin().await?;
    unit.end_session(user, principal.session.id).await?;
    record_success(ports, &mut *unit, AuditAction::SignOut, user, &principal.client).await?;
    unit.commit().await
}
