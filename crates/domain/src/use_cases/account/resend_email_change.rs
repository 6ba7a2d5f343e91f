//! Resends the link to confirm a pending e-mail.

use crate::{account::Email, error::StoreError, mail::MailKind, ports::Ports, use_cases::steps::enqueue_mail};

/// Enqueues the mail to a pending e-mail, for any requester. It goes to the account that requested the e-mail last, and
/// names that account. No user is looked up here, for the reason given at
/// [`resend_verification`](super::resend_verification()).
///
/// # Errors
/// Errors of the store.
pub async fn resend_email_change(ports: &Ports, pending: Email) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    enqueue_mail(ports, &mut *unit, MailKind::ConfirmEmail, pending).await?;
    unit.commit().await
}
