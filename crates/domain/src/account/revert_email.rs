//! Restores the previous e-mail of an account with a mailed token.

use super::{Email, Purpose, User, delete_account::remove_user, one_time_token::ValidToken};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent},
    client::ClientInfo,
    mail::{Mail, MailKind},
    store::{StoreError, UniqueKey, UnitOfWork},
};

/// Errors of [`revert_email`].
#[derive(Debug, thiserror::Error)]
pub enum RevertEmailError {
    /// The token is unknown, used, expired, or has another purpose.
    #[error("the token is not valid")]
    TokenInvalid,
    /// Another user has registered and verified the old e-mail since. The token is not consumed.
    #[error("the e-mail is taken")]
    EmailTaken,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for RevertEmailError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::UserEmail) => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

/// Consumes the token and restores the old e-mail of the account. All access of the client that changed the e-mail
/// ends: every session, every mailed link, and the pending e-mail. A mail to set a new password is sent to the old
/// e-mail, because that client may know the current password.
///
/// # Errors
/// See [`RevertEmailError`].
pub async fn revert_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), RevertEmailError> {
    let valid = ValidToken::read(ports, token, Purpose::RevertEmail).await?.ok_or(RevertEmailError::TokenInvalid)?;
    let mut unit = ports.store.begin().await?;
    let (user, address) = valid.consume(ports, &mut *unit).await?.ok_or(RevertEmailError::TokenInvalid)?;
    free_email(ports, &mut *unit, &user, &address).await?;
    unit.change_email(user.id, &address).await?;
    unit.end_sessions_of(user.id).await?;
    // Tokens of other e-mails too: after two changes, the link of the second would undo this.
    for purpose in Purpose::ALL {
        unit.discard_one_time_tokens(user.id, purpose).await?;
    }
    unit.enqueue_mail(&Mail::to_user(ports, MailKind::ResetPassword, address, user.id)).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::RevertEmail, user.id, client)).await?;
    unit.commit().await?;
    Ok(())
}

/// Removes an account that has registered the e-mail and not verified it. Otherwise a client that changed the e-mail
/// could block the restore by registering the old one.
async fn free_email(
    ports: &Ports,
    unit: &mut dyn UnitOfWork,
    user: &User,
    address: &Email,
) -> Result<(), RevertEmailError> {
    let Some(holder) = unit.user_by_email(address).await?.filter(|holder| holder.id != user.id) else { return Ok(()) };
    match unit.lock_user(holder.id).await? {
        Some(holder) if holder.email_verified && holder.email == *address => Err(RevertEmailError::EmailTaken),
        Some(holder) if holder.email == *address => Ok(remove_user(ports, unit, &holder).await?),
        Some(_) | None => Ok(()),
    }
}
