//! Reports wrong passwords that were tried for an account to its owner.

use chrono::Duration;

use crate::{
    client::ClientInfo, error::StoreError, ids::UserId, mail::MailKind, ports::Ports, time::Timestamp,
    use_cases::steps::enqueue_notice,
};

/// Minimum number of wrong passwords within [`PERIOD`] that is reported.
const WRONG_PASSWORDS: u64 = 10;
/// Period in which wrong passwords are counted, and in which an owner is warned at most once.
const PERIOD: Duration = Duration::hours(24);
/// Maximum age of the wrong password that makes a run look at an account: many times the pause between two runs.
const LOOKBACK: Duration = Duration::minutes(10);
/// Number of users read in one statement.
const USERS_AT_ONCE: u64 = 100;

/// Enqueues a mail to each owner for whose account at least 10 wrong passwords were tried in 24 hours, at most once in
/// 24 hours. Returns the number of warned users.
///
/// It runs in the background, because the duration of a sign-in must not reveal whether the account exists.
///
/// # Errors
/// The first error of the store, after every user of the same read was tried: one that fails does not stop the others.
/// Further users are not read, because the failed ones would be read again.
pub async fn warn_of_wrong_passwords(ports: &Ports) -> Result<u64, StoreError> {
    let now = ports.clock.now();
    let mut warned = 0;
    loop {
        let users = ports.store.users_to_warn(now - PERIOD, now - LOOKBACK, WRONG_PASSWORDS, USERS_AT_ONCE).await?;
        let mut first_error = None;
        for id in &users {
            match warn(ports, *id, now).await {
                Ok(is_warned) => warned += u64::from(is_warned),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        if let Some(error) = first_error {
            return Err(error);
        }
        if u64::try_from(users.len()).is_ok_and(|found| found < USERS_AT_ONCE) {
            return Ok(warned);
        }
    }
}

/// Returns `false` when another process was faster, or the account was deleted.
async fn warn(ports: &Ports, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let mut unit = ports.store.begin().await?;
    let Some(user) = unit.lock_user(id).await? else { return Ok(false) };
    if !unit.record_warning(id, now, now - PERIOD).await? {
        return Ok(false);
    }
    // The attempts may come from many clients, so none is named.
    enqueue_notice(ports, &mut *unit, MailKind::WrongPasswords, &user, &ClientInfo::default()).await?;
    unit.commit().await?;
    Ok(true)
}
