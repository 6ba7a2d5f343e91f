//! Resends the mail to verify an e-mail.

use crate::{account::Email, error::StoreError, mail::MailKind, ports::Ports, use_cases::steps::enqueue_mail};

/// Enqueues the mail, for any e-mail address. The account is looked up only when the mail is sent: so the work here,
/// and the time that it takes, is the same for every address.
///
/// # Errors
/// Errors of the store.
pub async fn resend_verification(ports: &Ports, email: Email) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    enqueue_mail(ports, &mut *unit, MailKind::VerifyEmail, email).await?;
    unit.commit().await
}
