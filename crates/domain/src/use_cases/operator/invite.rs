//! Invites an e-mail address to register.

use crate::{
    account::Email,
    audit::{AuditAction, AuditOutcome},
    error::StoreError,
    ports::Ports,
    use_cases::steps::{operator, record_event},
};

/// Errors of [`invite`].
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// An account has this e-mail.
    #[error("an account with this e-mail address already exists")]
    EmailTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Invites an e-mail: one registration with it is accepted, also while others are not. Sends no mail.
///
/// # Errors
/// See [`InviteError`].
pub async fn invite(ports: &Ports, email: &Email) -> Result<(), InviteError> {
    let mut unit = ports.store.begin().await?;
    // Added before the user is looked up, so that it waits for an account that is being created.
    unit.invite(email, ports.clock.now()).await?;
    if unit.user_by_email(email).await?.is_some() {
        return Err(InviteError::EmailTaken);
    }
    record_event(ports, &mut *unit, AuditAction::Invite, AuditOutcome::Success, None, &operator()).await?;
    Ok(unit.commit().await?)
}
