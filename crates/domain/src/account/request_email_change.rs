//! Ask for another address: a link to the new one, a notice to the old one.

use super::{ConfirmPasswordError, Email, PasswordAttempt, confirm_password::confirm_password};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    mail::{Mail, MailKind},
    session::Principal,
    store::StoreError,
};

/// Why nothing was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestEmailChangeError {
    /// The password proves nothing.
    #[error(transparent)]
    Password(#[from] ConfirmPasswordError),
    /// It is the user's address already.
    #[error("it is your address already")]
    Unchanged,
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Notes the new address as wanted; a later request takes the place of an earlier one. Nothing
/// changes until its link is followed. Whether the address is somebody else's is found out then, or
/// when the mail is sent: it is not told here.
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
    let (mut unit, now) = confirm_password(ports, principal, password, action).await?.begin().await?;
    let user = now.user;
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
