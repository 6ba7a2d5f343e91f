//! Resend: another link to confirm a new address.

use super::Email;
use crate::{
    Ports,
    mail::{Mail, MailKind},
    store::StoreError,
};

/// Orders the mail to a pending address, whoever asks. It goes to the account that asked for the address last, and names
/// that account; see
/// [`resend_verification`](super::resend_verification) for why nothing is looked up here.
///
/// # Errors
/// Only what the store reports.
pub async fn resend_email_change(ports: &Ports, wanted: Email) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    unit.enqueue_mail(&Mail::new(ports, MailKind::ConfirmEmail, wanted)).await?;
    unit.commit().await
}
