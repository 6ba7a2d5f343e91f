//! Changes an account: disables, enables, verifies, limits and deletes it.

use crate::{
    account::{Email, Purpose, User},
    audit::AuditAction,
    ports::Ports,
    store::UnitOfWork,
    use_cases::steps::{AccountError, erase_trail, operator, record_success, remove_user},
};

/// Disables an account and ends all of its sessions and app passwords. Its data stays.
///
/// # Errors
/// See [`AccountError`].
pub async fn disable_account(ports: &Ports, email: &Email) -> Result<(), AccountError> {
    let (mut unit, user) = lock(ports, email).await?;
    unit.set_disabled(user.id, true).await?;
    unit.end_sessions_of(user.id).await?;
    unit.end_app_passwords_of(user.id).await?;
    finish(ports, unit, &user, AuditAction::DisableAccount).await
}

/// Enables a disabled account. Its user can sign in again.
///
/// # Errors
/// See [`AccountError`].
pub async fn enable_account(ports: &Ports, email: &Email) -> Result<(), AccountError> {
    let (mut unit, user) = lock(ports, email).await?;
    unit.set_disabled(user.id, false).await?;
    finish(ports, unit, &user, AuditAction::EnableAccount).await
}

/// Marks the e-mail of an account as verified, for example when its mail does not arrive.
///
/// # Errors
/// See [`AccountError`].
pub async fn verify_account(ports: &Ports, email: &Email) -> Result<(), AccountError> {
    let (mut unit, user) = lock(ports, email).await?;
    unit.mark_email_verified(user.id, email).await?;
    unit.discard_one_time_tokens(user.id, Purpose::VerifyEmail).await?;
    finish(ports, unit, &user, AuditAction::VerifyAccount).await
}

/// Sets the maximum number of contacts of one user. With `None` the limit of all users applies again. Contacts beyond a
/// lower limit stay.
///
/// # Errors
/// See [`AccountError`].
pub async fn set_contact_limit(ports: &Ports, email: &Email, limit: Option<u64>) -> Result<(), AccountError> {
    let (mut unit, user) = lock(ports, email).await?;
    unit.set_contact_limit(user.id, limit).await?;
    finish(ports, unit, &user, AuditAction::SetContactLimit).await
}

/// Deletes an account with all its data, as its user can.
///
/// # Errors
/// See [`AccountError`].
pub async fn delete_account(ports: &Ports, email: &Email) -> Result<(), AccountError> {
    let (mut unit, user) = lock(ports, email).await?;
    remove_user(ports, &mut *unit, &user).await?;
    unit.commit().await?;
    // The account is deleted, even if this fails: the sweep removes the rest.
    let _ = erase_trail(ports, user.id).await;
    Ok(())
}

/// Begins a unit, and locks the user of an e-mail in it.
async fn lock(ports: &Ports, email: &Email) -> Result<(Box<dyn UnitOfWork>, User), AccountError> {
    let mut unit = ports.store.begin().await?;
    let found = unit.user_by_email(email).await?.ok_or(AccountError::NotFound)?;
    let user = unit.lock_user(found.id).await?.filter(|user| user.email == *email);
    Ok((unit, user.ok_or(AccountError::NotFound)?))
}

async fn finish(
    ports: &Ports,
    mut unit: Box<dyn UnitOfWork>,
    user: &User,
    action: AuditAction,
) -> Result<(), AccountError> {
    record_success(ports, &mut *unit, action, user.id, &operator()).await?;
    Ok(unit.commit().await?)
}
