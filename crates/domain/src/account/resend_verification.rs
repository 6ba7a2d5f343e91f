//! Resend: another mail to prove an address.

use super::Email;
use crate::{
    Ports,
    mail::{Mail, MailKind},
    store::StoreError,
};

/// Orders the mail, whoever asks. Whether the address has an account that still needs one is
/// found out when the mail is sent: the work here, and so the time, is the same for every address.
///
/// # Errors
/// Only what the store reports.
pub async fn resend_verification(ports: &Ports, address: Email) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    unit.enqueue_mail(&Mail::new(ports, MailKind::VerifyEmail, address)).await?;
    unit.commit().await
}
