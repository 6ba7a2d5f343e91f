//! Leave: everything held about the user goes.

use super::{ConfirmPasswordError, PasswordAttempt, confirm_password::confirm_password};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    picture::let_go,
    session::Principal,
};

/// Removes the user with contacts, sessions, tokens, waiting mail and audit trail, and lets go of their
/// pictures. What stays, for as long as any event, is that an account of this id was
/// removed, when and from where.
///
/// # Errors
/// See [`ConfirmPasswordError`].
pub async fn delete_account(
    ports: &Ports,
    principal: &Principal,
    password: &PasswordAttempt,
) -> Result<(), ConfirmPasswordError> {
    let action = AuditAction::DeleteAccount;
    let (mut unit, now) = confirm_password(ports, principal, password, action).await?.begin().await?;
    let pictures = unit.delete_user(&now.user).await?;
    unit.record(&AuditEvent::success(ports, action, now.user.id, &principal.client)).await?;
    let_go(ports, &mut *unit, pictures).await?;
    unit.commit().await?;
    Ok(())
}
