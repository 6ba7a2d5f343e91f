//! Requests a change of the e-mail: sends a link to the new one, a notice to the current one.

use super::{ConfirmPasswordError, Email, PasswordAttempt, confirm_password::confirm_password};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    mail::{Mail, MailKind},
    session::Principal,
    store::StoreError,
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
    principal: &Principal,
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
    unit.enqueue_mail(&Mail::to_user(ports, MailKind::ConfirmEmail, new, user.id)).await?;
    unit.enqueue_mail(&Mail::to_user(ports, MailKind::EmailChangeNotice, user.email, user.id)).await?;
    unit.record(&AuditEvent::success(ports, action, user.id, &principal.client)).await?;
    unit.commit().await?;
    Ok(())
}
