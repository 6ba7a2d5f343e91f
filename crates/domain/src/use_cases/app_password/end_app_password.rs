//! Ends an app password.

use crate::{
    audit::AuditAction, error::StoreError, ids::AppPasswordId, ports::Ports, session::SignedInUser,
    use_cases::steps::record_success,
};

/// Errors of [`end_app_password`].
#[derive(Debug, thiserror::Error)]
pub enum EndAppPasswordError {
    /// The user has no such app password.
    #[error("no such app password")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends an app password of the user. When this returns, no request with it is accepted.
///
/// # Errors
/// See [`EndAppPasswordError`].
pub async fn end_app_password(
    ports: &Ports,
    signed_in: &SignedInUser,
    id: AppPasswordId,
) -> Result<(), EndAppPasswordError> {
    let user = signed_in.user.id;
    let mut unit = ports.store.begin().await?;
    if !unit.end_app_password(user, id).await? {
        return Err(EndAppPasswordError::NotFound);
    }
    record_success(ports, &mut *unit, AuditAction::EndAppPassword, user, &signed_in.client).await?;
    unit.commit().await?;
    Ok(())
}
