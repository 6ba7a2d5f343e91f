//! Lists and shows accounts.

use crate::{
    account::{Account, Email},
    error::StoreError,
    ids::UserId,
    ports::Ports,
    use_cases::steps::AccountError,
};

/// Maximum number of accounts of one page.
const PAGE: u64 = 500;

/// Returns the next accounts after `after`, in the order of their registration. Returns no account at the end.
///
/// # Errors
/// Errors of the store.
pub async fn list_accounts(ports: &Ports, after: Option<UserId>) -> Result<Vec<Account>, StoreError> {
    ports.store.accounts(after, PAGE).await
}

/// Returns the account of an e-mail.
///
/// # Errors
/// `NotFound` or `Store`.
pub async fn show_account(ports: &Ports, email: &Email) -> Result<Account, AccountError> {
    ports.store.account_by_email(email).await?.ok_or(AccountError::NotFound)
}
