//! Leave: everything held about the user goes.

use super::{ConfirmPasswordError, PasswordAttempt, User, confirm_password::confirm_password};
use crate::{
    Ports,
    audit::{AuditAction, DeletedAccount, erase_trail},
    picture::let_go,
    session::Principal,
    store::{StoreError, UnitOfWork},
};

/// Removes the user with contacts, sessions, tokens, mails and audit trail, and lets go of their pictures. Nothing stays
/// that says that there was such an account.
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
    remove_user(ports, &mut *unit, &now.user).await?;
    unit.commit().await?;
    // The account is gone, whatever happens now: the sweep does what cannot be done here.
    let _ = erase_trail(ports, now.user.id).await;
    Ok(())
}

/// Removes a locked user, and notes that their audit trail is to be removed.
pub(super) async fn remove_user(ports: &Ports, unit: &mut dyn UnitOfWork, user: &User) -> Result<(), StoreError> {
    let pictures = unit.delete_user(user).await?;
    unit.note_deleted_account(DeletedAccount { user: user.id, at: ports.clock.now() }).await?;
    let_go(ports, unit, pictures).await
}
