//! Errors of several operations on accounts.

use crate::error::StoreError;

/// Errors of changing an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No account has this e-mail.
    #[error("no account has this e-mail address")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
