//! Ends one session of a user, or all others.

use crate::{
    audit::AuditAction, error::StoreError, ids::SessionId, ports::Ports, session::SignedInUser,
    use_cases::steps::record_success,
};

/// Errors of [`end_session`].
#[derive(Debug, thiserror::Error)]
pub enum EndSessionError {
    /// The user has no such session.
    #[error("no such session")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends a session of the user and invalidates its access tokens. It may be the session of the request.
///
/// # Errors
/// See [`EndSessionError`].
pub async fn end_session(ports: &Ports, principal: &SignedInUser, id: SessionId) -> Result<(), EndSessionError> {
    let mut unit = ports.store.begin().await?;
    if !unit.end_session(principal.user.id, id).await? {
        return Err(EndSessionError::NotFound);
    }
    record_success(ports, &mut *unit, AuditAction::EndSession, principal.user.id, &principal.client).await?;
    unit.commit().await?;
    Ok(())
}

/// Ends every session of the user except the session of the request.
///
/// # Errors
/// Errors of the store.
pub async fn end_other_sessions(ports: &Ports, principal: &SignedInUser) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    unit.end_other_sessions(principal.user.id, principal.session.id).await?;
    record_success(ports, &mut *unit, AuditAction::EndOtherSessions, principal.user.id, &principal.client).await?;
    unit.commit().await
}
