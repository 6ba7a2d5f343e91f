//! Confirm: a mailed token makes a new address the user's own.

use super::{Purpose, one_time_token::GoodToken};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    mail::{Mail, MailKind},
    store::{StoreError, UniqueKey},
};

/// Why the address is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailError {
    /// Unknown, used, expired, of another purpose, or replaced by a later request.
    #[error("the token is not valid")]
    TokenInvalid,
    /// Somebody else has the address by now.
    #[error("the address is taken")]
    EmailTaken,
    /// No storage.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ConfirmEmailError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::UserEmail) => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

/// Uses the token up and makes its address the user's, which it proves at once. The old address is sent a notice, with a
/// link that takes it back.
///
/// # Errors
/// See [`ConfirmEmailError`].
pub async fn confirm_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), ConfirmEmailError> {
    let purpose = Purpose::ChangeEmail;
    let good = GoodToken::read(ports, token, purpose).await?.ok_or(ConfirmEmailError::TokenInvalid)?;
    let mut unit = ports.store.begin().await?;
    let (user, address) = good.consume(ports, &mut *unit).await?.ok_or(ConfirmEmailError::TokenInvalid)?;
    if user.pending_email.as_ref() != Some(&address) {
        return Err(ConfirmEmailError::TokenInvalid);
    }
    unit.enqueue_mail(&Mail::notice(ports, MailKind::EmailChanged, &user, client)).await?;
    unit.change_email(user.id, &address).await?;
    unit.discard_one_time_tokens(user.id, purpose).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::ConfirmEmail, user.id, client)).await?;
    unit.commit().await?;
    Ok(())
}
