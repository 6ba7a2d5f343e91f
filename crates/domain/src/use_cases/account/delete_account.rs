//! Deletes an account with all its data.

use crate::{
    account::PasswordAttempt,
    audit::AuditAction,
    ports::Ports,
    session::SignedInUser,
    use_cases::steps::{ConfirmPasswordError, confirm_password, erase_trail, remove_user},
};

/// Removes the user with contacts, sessions, app passwords, tokens, mails and audit trail, and releases the pictures. Two traces
/// remain until a sweep: the id for an hour ([`DeletedAccount`](crate::audit::DeletedAccount)), and for 24 hours digests of the e-mail addresses
/// among the mail slots. The slots limit mails to an e-mail address, also when it is registered again.
///
/// # Errors
/// See [`ConfirmPasswordError`].
pub async fn delete_account(
    ports: &Ports,
    principal: &SignedInUser,
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
