//! Confirms the password of a signed-in user.

use super::record_rejection;
use crate::{
    account::{Credentials, HashingError, PasswordAttempt, PasswordHash, Verdict},
    audit::{AuditAction, AuditOutcome},
    error::StoreError,
    ports::Ports,
    session::SignedInUser,
    store::UnitOfWork,
};

/// Errors of the confirmation of a password.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPasswordError {
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The user was deleted, or the operator has disabled the account.
    #[error("no such user")]
    NotFound,
    /// The password could not be checked.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Password that matched the stored hash, which may have been replaced since.
pub(crate) struct Confirmed<'a> {
    ports: &'a Ports,
    principal: &'a SignedInUser,
    attempt: &'a PasswordAttempt,
    action: AuditAction,
    hash: PasswordHash,
}

/// Checks the password. A wrong one is recorded in the audit trail as a rejection of `action`.
pub(crate) async fn confirm_password<'a>(
    ports: &'a Ports,
    principal: &'a SignedInUser,
    attempt: &'a PasswordAttempt,
    action: AuditAction,
) -> Result<Confirmed<'a>, ConfirmPasswordError> {
    let user = principal.user.id;
    let found = ports.store.credentials_of(user).await?.ok_or(ConfirmPasswordError::NotFound)?;
    let from = principal.client.largest_network();
    match ports.passwords.verify(attempt, Some(&found.password_hash), from).await? {
        Verdict::Match { .. } => Ok(Confirmed { ports, principal, attempt, action, hash: found.password_hash }),
        Verdict::Mismatch => {
            let outcome = AuditOutcome::WrongPassword;
            record_rejection(ports, action, outcome, Some(user), &principal.client).await?;
            Err(ConfirmPasswordError::WrongPassword)
        }
    }
}

impl Confirmed<'_> {
    /// Begins a unit, locks the user in it, and confirms the password again if its hash has changed.
    pub(crate) async fn begin(self) -> Result<(Box<dyn UnitOfWork>, Credentials), ConfirmPasswordError> {
        let Self { ports, principal, attempt, action, mut hash } = self;
        loop {
            let mut unit = ports.store.begin().await?;
            let credentials = unit.lock_credentials(principal.user.id).await?.ok_or(ConfirmPasswordError::NotFound)?;
            // It was disabled since the request was authenticated. A new session would survive that.
            if credentials.is_disabled {
                return Err(ConfirmPasswordError::NotFound);
            }
            if credentials.password_hash == hash {
                return Ok((unit, credentials));
            }
            // The hash was replaced since: by another password, which the next check rejects, or by a new hash of the
            // same password, created at a sign-in.
            drop(unit);
            hash = confirm_password(ports, principal, attempt, action).await?.hash;
        }
    }
}
