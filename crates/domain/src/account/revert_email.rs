//! Revert: a mailed token takes back the address that an account had before.

use super::{Email, Purpose, User, delete_account::remove_user, one_time_token::GoodToken};
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
    /// Unknown, used, expired, or of another purpose.
    #[error("the token is not valid")]
    TokenInvalid,
    /// Somebody has registered and verified the old address meanwhile. The token is not used up.
    #[error("the address is taken")]
    EmailTaken,
    /// No storage.
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

/// Uses the token up and gives the account its old address back. Everything that whoever changed the address may hold
/// ends: every session, every mailed link, and the pending address. A mail to set a new password is sent to the old
/// address, since they may know the present one.
///
/// # Errors
/// See [`RevertEmailError`].
pub async fn revert_email(ports: &Ports, token: &str, client: &ClientInfo) -> Result<(), RevertEmailError> {
    let good = GoodToken::read(ports, token, Purpose::RevertEmail).await?.ok_or(RevertEmailError::TokenInvalid)?;
    let mut unit = ports.store.begin().await?;
    let (user, address) = good.consume(ports, &mut *unit).await?.ok_or(RevertEmailError::TokenInvalid)?;
    free(ports, &mut *unit, &user, &address).await?;
    unit.change_email(user.id, &address).await?;
    unit.end_sessions_of(user.id).await?;
    // Those of other addresses too: after two changes the second one's link would undo this.
    for purpose in Purpose::ALL {
        unit.discard_one_time_tokens(user.id, purpose).await?;
    }
    unit.enqueue_mail(&Mail::to_user(ports, MailKind::ResetPassword, address, user.id)).await?;
    unit.record(&AuditEvent::success(ports, AuditAction::RevertEmail, user.id, client)).await?;
    unit.commit().await?;
    Ok(())
}

/// Removes an account that has registered the address and not verified it: otherwise whoever changed the address would
/// only have to register the old one.
async fn free(ports: &Ports, unit: &mut dyn UnitOfWork, user: &User, address: &Email) -> Result<(), RevertEmailError> {
    let Some(holder) = unit.user_by_email(address).await?.filter(|holder| holder.id != user.id) else { return Ok(()) };
    match unit.lock_user(holder.id).await? {
        Some(holder) if holder.email_verified && holder.email == *address => Err(RevertEmailError::EmailTaken),
        Some(holder) if holder.email == *address => Ok(remove_user(ports, unit, &holder).await?),
        Some(_) | None => Ok(()),
    }
}
