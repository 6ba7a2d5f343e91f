//! Removes accounts whose e-mail was not verified in time.

use crate::{error::StoreError, ids::UserId, ports::Ports, use_cases::steps::remove_user};

/// Number of accounts read in one statement.
const ACCOUNTS_AT_ONCE: u64 = 100;

/// Removes the accounts that were registered at least `unverified_account_ttl` ago and have no verified e-mail, each in
/// its own unit. Returns the number of removed accounts.
///
/// # Errors
/// The first error of the store, after every account of the same read was tried: one that fails does not stop the
/// others. Further accounts are not read, because the failed ones would be read again.
pub async fn remove_unverified_accounts(ports: &Ports) -> Result<u64, StoreError> {
    let until = ports.clock.now() - ports.policy.unverified_account_ttl;
    let mut removed = 0;
    loop {
        let ids = ports.store.unverified_users(until, ACCOUNTS_AT_ONCE).await?;
        let mut first_error = None;
        for id in &ids {
            match remove(ports, *id).await {
                Ok(is_removed) => removed += u64::from(is_removed),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        if let Some(error) = first_error {
            return Err(error);
        }
        if u64::try_from(ids.len()).is_ok_and(|found| found < ACCOUNTS_AT_ONCE) {
            return Ok(removed);
        }
    }
}

/// Returns `false` when the e-mail was verified, or the account removed, since the read.
async fn remove(ports: &Ports, id: UserId) -> Result<bool, StoreError> {
    let mut unit = ports.store.begin().await?;
    let Some(user) = unit.lock_user(id).await?.filter(|user| !user.email_verified) else { return Ok(false) };
    remove_user(ports, &mut *unit, &user).await?;
    unit.commit().await?;
    Ok(true)
}
