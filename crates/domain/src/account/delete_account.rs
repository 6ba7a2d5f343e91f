//! Deletes an account with all its data.

use super::{ConfirmPasswordError, PasswordAttempt, User, confirm_password::confirm_password};
use crate::{
    Ports,
    audit::{AuditAction, DeletedAccount, erase_trail},
    picture::release,
    session::Principal,
    store::{StoreError, UnitOfWork},
};

/// Removes the user with contacts, sessions, tokens, mails and audit trail, and releases the pictures. Two traces
/// remain until a sweep: the id for an hour ([`DeletedAccount`]), and for 24 hours digests of the e-mail addresses
/// among the mail slots. The slots limit mails to an e-mail address, also when it is registered again.
///
/// # Errors
/// See [`ConfirmPasswordError`].
pub async fn delete_account(
    ports: &Ports,
    principal: &Principal,
    password: &PasswordAttempt,
) -> Result<(), ConfirmPasswordError> {
    let action = AuditAction::DeleteAccount;
    let (mut unit, credentials) = confirm_password(ports, principal, password, action).await?.begin().await?;
    remove_user(ports, &mut *unit, &credentials.user).await?;
    unit.commit().await?;
    // The account is deleted, even if this fails: the sweep removes the rest.
    let _ = erase_trail(ports, credentials.user.id).await;
    Ok(())
}

/// Removes a locked user, and notes that the audit trail is to be removed.
pub(super) async fn remove_user(ports: &Ports, unit: &mut dyn UnitOfWork, user: &User) -> Result<(), StoreError> {
    let pictures = unit.delete_user(user).await?;
    unit.note_deleted_account(DeletedAccount { user: user.id, at: ports.clock.now() }).await?;
    release(ports, unit, pictures).await
}
