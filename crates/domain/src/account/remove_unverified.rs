//! Remove: accounts whose address was never verified.

use super::{UserId, delete_account::remove_user};
use crate::{Ports, store::StoreError, time::Instant};

/// Accounts that are read at once.
const ACCOUNTS_AT_ONCE: u64 = 100;

/// Removes the accounts that were registered a time ago (`unverified_account_ttl`) and whose address was not verified
/// since, each in a unit of its own. Returns how many.
///
/// # Errors
/// Only what the store reports.
pub async fn remove_unverified_accounts(ports: &Ports) -> Result<u64, StoreError> {
    let until = ports.clock.now() - ports.policy.unverified_account_ttl;
    let mut removed = 0;
    loop {
        let ids = ports.store.unverified_users(until, ACCOUNTS_AT_ONCE).await?;
        for id in &ids {
            removed += u64::from(remove(ports, *id, until).await?);
        }
        if u64::try_from(ids.len()).is_ok_and(|found| found < ACCOUNTS_AT_ONCE) {
            return Ok(removed);
        }
    }
}

/// `false` when the address was verified, or the account removed, meanwhile.
async fn remove(ports: &Ports, id: UserId, until: Instant) -> Result<bool, StoreError> {
    let mut unit = ports.store.begin().await?;
    let found = unit.lock_user(id).await?;
    let Some(user) = found.filter(|user| !user.email_verified && user.created_at <= until) else { return Ok(false) };
    remove_user(ports, &mut *unit, &user).await?;
    unit.commit().await?;
    Ok(true)
}
