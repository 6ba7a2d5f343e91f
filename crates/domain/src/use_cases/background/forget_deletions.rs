//! Removes the earliest records of permanently deleted contacts.

use crate::{error::StoreError, ports::Ports};

/// Maximum number of users that are read at once.
const USERS_AT_ONCE: u64 = 100;
/// Maximum number of records removed in one unit. A unit must be short.
const RECORDS_PER_UNIT: u64 = 1000;

/// Removes the records beyond the limit of each user. Clients that have not read them must begin again. Returns the
/// number of removed records.
///
/// # Errors
/// Errors of the store.
pub async fn forget_deletions(ports: &Ports) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    loop {
        let users = ports.store.users_with_many_deletions(ports.policy.contact_limit, USERS_AT_ONCE).await?;
        if users.is_empty() {
            return Ok(forgotten);
        }
        for (user, retained) in users {
            let mut unit = ports.store.begin().await?;
            // The user may be deleted meanwhile.
            if unit.lock_user(user).await?.is_some() {
                forgotten += unit.forget_deletions(user, retained, RECORDS_PER_UNIT).await?;
                unit.commit().await?;
            }
        }
    }
}
