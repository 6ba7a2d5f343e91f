//! Requests a mail that allows setting a new password.

use crate::{
    account::Email,
    audit::{AuditAction, AuditOutcome},
    client::ClientInfo,
    error::StoreError,
    mail::MailKind,
    ports::Ports,
    use_cases::steps::{enqueue_mail, record_event},
};

/// Enqueues the mail, for any e-mail address. The same statements run for every address, so that timing does not reveal
/// accounts. The user is looked up only for the audit trail.
///
/// # Errors
/// Errors of the store.
pub async fn forgot_password(ports: &Ports, email: Email, client: &ClientInfo) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    let user = unit.user_by_email(&email).await?.map(|user| user.id);
    enqueue_mail(ports, &mut *unit, MailKind::ResetPassword, email).await?;
    record_event(ports, &mut *unit, AuditAction::ForgotPassword, AuditOutcome::Success, user, client).await?;
    unit.commit().await
}
