//! Forgot: a mail that lets somebody set a new password.

use super::Email;
use crate::{
    Ports,
    mail::{Mail, MailKind},
    store::StoreError,
};

/// Orders the mail, whoever asks; see [`resend_verification`](super::resend_verification) for why
/// nothing is looked up here.
///
/// # Errors
/// Only what the store reports.
pub async fn forgot_password(ports: &Ports, address: Email) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    unit.enqueue_mail(&Mail::new(ports, MailKind::ResetPassword, address)).await?;
    unit.commit().await
}
