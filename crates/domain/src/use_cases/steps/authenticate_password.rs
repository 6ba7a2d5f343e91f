//! Authenticates a user by e-mail and password.

use super::record_rejection;
use crate::{
    account::{Credentials, Email, HashingError, PasswordAttempt, PasswordHash, Verdict},
    audit::{AuditAction, AuditOutcome},
    client::ClientInfo,
    error::StoreError,
    ports::Ports,
};

/// Errors of authenticating a user by e-mail and password.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatePasswordError {
    /// No account has this e-mail, or the password is wrong. The error does not reveal which.
    #[error("the e-mail or the password is wrong")]
    InvalidCredentials,
    /// The password is right, but the e-mail of the account is not verified.
    #[error("the e-mail is not verified")]
    EmailNotVerified,
    /// The password is right, but the operator has disabled the account.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The password could not be checked.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the credentials, and a new hash to store when the current one is outdated. A rejection is recorded in the
/// audit trail, also for an unknown e-mail.
///
/// # Errors
/// See [`AuthenticatePasswordError`]. In every case the work of one hash is done, so that timing does not reveal
/// accounts.
pub(crate) async fn authenticate_password(
    ports: &Ports,
    email: Option<&Email>,
    attempt: &PasswordAttempt,
    client: &ClientInfo,
) -> Result<(Credentials, Option<PasswordHash>), AuthenticatePasswordError> {
    let found = match email {
        Some(email) => ports.store.credentials_by_email(email).await?,
        None => None,
    };
    let (hash, from) = (found.as_ref().map(|found| &found.password_hash), client.largest_network());
    let verdict = ports.passwords.verify(attempt, hash, from).await?;
    let user = found.as_ref().map(|found| found.user.id);
    let (outcome, rejection) = match (found, verdict) {
        (Some(found), Verdict::Match { .. }) if found.is_disabled => {
            (AuditOutcome::AccountDisabled, AuthenticatePasswordError::AccountDisabled)
        }
        (Some(found), Verdict::Match { outdated }) if found.user.email_verified => {
            let fresh = if outdated { Some(ports.passwords.rehash(attempt, from).await?) } else { None };
            return Ok((found, fresh));
        }
        (Some(_), Verdict::Match { .. }) => {
            (AuditOutcome::EmailNotVerified, AuthenticatePasswordError::EmailNotVerified)
        }
        _ => (AuditOutcome::WrongPassword, AuthenticatePasswordError::InvalidCredentials),
    };
    record_rejection(ports, AuditAction::SignIn, outcome, user, client).await?;
    Err(rejection)
}
