//! Requests a mail that allows setting a new password.

use super::Email;
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    client::ClientInfo,
    mail::{Mail, MailKind},
    store::StoreError,
};

/// Enqueues the mail, for any e-mail address. The same statements run for every address, so that timing does not reveal
/// accounts. The user is looked up only for the audit trail.
///
/// # Errors
/// Errors of the store.
pub async fn forgot_password(ports: &Ports, address: Email, client: &ClientInfo) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    let user = unit.user_by_email(&address).await?.map(|user| user.id);
    unit.enqueue_mail(&Mail::new(ports, MailKind::ResetPassword, address)).await?;
    unit.record(&AuditEvent::new(ports, AuditAction::ForgotPassword, AuditOutcome::Success, user, client)).await?;
    unit.commit().await
}
