//! Requests a change of the e-mail: sends a link to the new one, a notice to the current one.

use crate::{
    account::{Email, PasswordAttempt},
    audit::AuditAction,
    error::StoreError,
    mail::MailKind,
    ports::Ports,
    session::SignedInUser,
    use_cases::steps::{ConfirmPasswordError, confirm_password, enqueue_mail_to_user, record_success},
};

/// Errors of [`request_email_change`].
#[derive(Debug, thiserror::Error)]
pub enum RequestEmailChangeError {
    /// The password was not confirmed.
    #[error(transparent)]
    Password(#[from] ConfirmPasswordError),
    /// The new e-mail equals the current one.
    #[error("the new e-mail is the current one")]
    Unchanged,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Stores the new e-mail as pending; a later request replaces an earlier one. The e-mail changes only when its link is
/// followed. Conflicts with another account are detected then, or when the mail is sent, so that the response does not
/// reveal accounts.
///
/// # Errors
/// See [`RequestEmailChangeError`].
pub async fn request_email_change(
    ports: &Ports,
    principal: &SignedInUser,
    new: Email,
    password: &PasswordAttempt,
) -> Result<(), RequestEmailChangeError> {
    let action = AuditAction::RequestEmailChange;
    let (mut unit, credentials) = confirm_password(ports, principal, password, action).await?.begin().await?;
    let user = credentials.user;
    if new == user.email {
        return Err(RequestEmailChangeError::Unchanged);
    }
    unit.set_pending_email(user.id, Some((&new, ports.clock.now()))).await?;
    enqueue_mail_to_user(ports, &mut *unit, MailKind::ConfirmEmail, new, user.id).await?;
    enqueue_mail_to_user(ports, &mut *unit, MailKind::EmailChangeNotice, user.email, user.id).await?;
    record_success(ports, &mut *unit, action, user.id, &principal.client).await?;
    unit.commit().await?;
    Ok(())
}
