//! Find out who an address and a password belong to.

use super::{Credentials, Email, HashingError, PasswordAttempt, PasswordHash, Verdict};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent, AuditOutcome, record_refusal},
    client::ClientInfo,
    store::StoreError,
};

/// Why nobody is named.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticatePasswordError {
    /// No such address, or not its password: which of the two is not told.
    #[error("the address or the password is wrong")]
    InvalidCredentials,
    /// The right password of an account whose address is not proven yet.
    #[error("the address is not verified")]
    EmailNotVerified,
    /// No verdict.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The credentials, and a fresh hash to store when the one at hand is outdated. A refusal is recorded in
/// the audit trail, for an unknown address too.
///
/// # Errors
/// See [`AuthenticatePasswordError`]. One hash's work is done in every case.
pub async fn authenticate_password(
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
    let (outcome, refusal) = match (found, verdict) {
        (Some(found), Verdict::Match { outdated }) if found.user.email_verified => {
            let fresh = if outdated { Some(ports.passwords.rehash(attempt, from).await?) } else { None };
            return Ok((found, fresh));
        }
        (Some(_), Verdict::Match { .. }) => {
            (AuditOutcome::EmailNotVerified, AuthenticatePasswordError::EmailNotVerified)
        }
        _ => (AuditOutcome::WrongPassword, AuthenticatePasswordError::InvalidCredentials),
    };
    record_refusal(ports, AuditEvent::new(ports, AuditAction::SignIn, outcome, user, client)).await?;
    Err(refusal)
}
