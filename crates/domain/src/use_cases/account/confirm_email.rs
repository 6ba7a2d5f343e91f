//! Confirms a pending e-mail with a mailed token.

use crate::{
    account::Purpose,
    audit::AuditAction,
    client::ClientInfo,
    error::{StoreError, UniqueKey},
    mail::MailKind,
    ports::Ports,
    use_cases::steps::{ValidToken, enqueue_notice, record_success, was_just_used},
};

const PURPOSE: Purpose = Purpose::ChangeEmail;

/// Errors of [`confirm_email`].
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailError {
    /// The token is unknown, used, expired, has another purpose, or was replaced by a later request.
    #[error("the token is not valid")]
    TokenInvalid,
    /// Another account now has the e-mail.
    #[error("the e-mail is taken")]
    EmailTaken,
    /// The store failed.
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

/// Consumes the token, and replaces the e-mail of the user with the verified pending one. The old e-mail is sent a
/// notice with a link that restores it.
/// A token that was just used is accepted again and changes nothing.
///
/// # Errors
/// See [`ConfirmEmailError`].
pub async fn confirm_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), ConfirmEmailError> {
    match consume(ports, token, client).await {
        Err(ConfirmEmailError::TokenInvalid) if was_just_used(ports, token, PURPOSE).await? => Ok(()),
        outcome => outcome,
    }
}

async fn consume(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), ConfirmEmailError> {
    let valid = ValidToken::read(ports, token, PURPOSE).await?.ok_or(ConfirmEmailError::TokenInvalid)?;
    let mut unit = ports.store.begin().await?;
    let (user, token) = valid.consume(ports, &mut *unit).await?.ok_or(ConfirmEmailError::TokenInvalid)?;
    let is_locked = unit.is_email_locked(user.id, ports.clock.now()).await?;
    if is_locked || user.pending_email.as_ref() != Some(&token.email) {
        return Err(ConfirmEmailError::TokenInvalid);
    }
    enqueue_notice(ports, &mut *unit, MailKind::EmailChanged, &user, client).await?;
    unit.change_email(user.id, &token.email).await?;
    // A link that was sent to the old e-mail sets no password any more.
    for purpose in [PURPOSE, Purpose::ResetPassword] {
        unit.discard_one_time_tokens(user.id, purpose).await?;
    }
    record_success(ports, &mut *unit, AuditAction::ConfirmEmail, user.id, client).await?;
    unit.commit().await?;
    Ok(())
}
