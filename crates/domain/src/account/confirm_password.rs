//! Ask a signed-in user for their password again.

use super::{Credentials, HashingError, PasswordAttempt, PasswordHash, Verdict};
use crate::{
    Ports,
    audit::{AuditAction, AuditEvent, AuditOutcome, record_refusal},
    session::Principal,
    store::{StoreError, UnitOfWork},
};

/// Why a password did not open what it should.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPasswordError {
    /// Not the user's password.
    #[error("the password is wrong")]
    WrongPassword,
    /// The user is gone.
    #[error("no such user")]
    NotFound,
    /// No verdict.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// No storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A password that matched a hash a moment ago.
pub(super) struct Confirmed<'a> {
    ports: &'a Ports,
    principal: &'a Principal,
    attempt: &'a PasswordAttempt,
    action: AuditAction,
    hash: PasswordHash,
}

/// Checks the password. A wrong one is recorded in the audit trail as a refusal of `action`.
pub(super) async fn confirm_password<'a>(
    ports: &'a Ports,
    principal: &'a Principal,
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
            record_refusal(ports, AuditEvent::new(ports, action, outcome, Some(user), &principal.client)).await?;
            Err(ConfirmPasswordError::WrongPassword)
        }
    }
}

impl Confirmed<'_> {
    /// Begins a unit with the user locked in it, and the password still theirs.
    pub(super) async fn begin(self) -> Result<(Box<dyn UnitOfWork>, Credentials), ConfirmPasswordError> {
        let Self { ports, principal, attempt, action, mut hash } = self;
        loop {
            let mut unit = ports.store.begin().await?;
            let now = unit.lock_credentials(principal.user.id).await?.ok_or(ConfirmPasswordError::NotFound)?;
            if now.password_hash == hash {
                return Ok((unit, now));
            }
            // Replaced meanwhile: by another password, which the next check tells, or by a new hash of the same
            // one, made at a sign-in.
            drop(unit);
            hash = confirm_password(ports, principal, attempt, action).await?.hash;
        }
    }
}
