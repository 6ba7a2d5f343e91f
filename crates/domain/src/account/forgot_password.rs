//! Forgot: a mail that lets somebody set a new password.

use super::Email;
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent, AuditOutcome},
    client::ClientInfo,
    mail::{Mail, MailKind},
    store::StoreError,
};

/// Orders the mail, whoever asks. The same statements run for every address, so that the time tells
/// nothing either: whose it is, is looked up for the audit trail only.
///
/// # Errors
/// Only what the store reports.
pub async fn forgot_password(ports: &Ports, address: Email, client: &ClientInfo) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    let user = unit.user_by_email(&address).await?.map(|user| user.id);
    unit.enqueue_mail(&Mail::new(ports, MailKind::ResetPassword, address)).await?;
    unit.record(&AuditEvent::new(ports, AuditAction::ForgotPassword, AuditOutcome::Success, user, client)).await?;
    unit.commit().await
}
