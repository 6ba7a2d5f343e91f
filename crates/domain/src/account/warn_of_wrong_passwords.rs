//! Warn: wrong passwords that were tried for an account are reported to its owner.

use chrono::Duration;

use super::UserId;
use crate::{
    Ports,
    client::ClientInfo,
    mail::{Mail, MailKind},
    store::StoreError,
    time::Instant,
};

/// Wrong passwords within [`PERIOD`] that are reported.
const WRONG_PASSWORDS: u64 = 10;
/// An owner is warned once in this time.
const PERIOD: Duration = Duration::hours(24);
/// How far back an account is noticed by a wrong password: many times the pause between two runs.
const NOTICED: Duration = Duration::minutes(10);
/// Owners who are looked up at once.
const USERS_AT_ONCE: u64 = 100;

/// Orders a mail to each owner for whose account ten wrong passwords were tried in 24 hours, once in 24 hours. Run in the
/// background: a sign-in must not take longer for an account that there is. Returns how many were warned.
///
/// # Errors
/// Only what the store reports.
pub async fn warn_of_wrong_passwords(ports: &Ports) -> Result<u64, StoreError> {
    let now = ports.clock.now();
    let mut warned = 0;
    loop {
        let users = ports.store.users_to_warn(now - PERIOD, now - NOTICED, WRONG_PASSWORDS, USERS_AT_ONCE).await?;
        for id in &users {
            warned += u64::from(warn(ports, *id, now).await?);
        }
        if u64::try_from(users.len()).is_ok_and(|found| found < USERS_AT_ONCE) {
            return Ok(warned);
        }
    }
}

/// `false` when another process was quicker, or the account is gone.
async fn warn(ports: &Ports, id: UserId, now: Instant) -> Result<bool, StoreError> {
    let mut unit = ports.store.begin().await?;
    let Some(user) = unit.lock_user(id).await? else { return Ok(false) };
    if !unit.note_warning(id, now, now - PERIOD).await? {
        return Ok(false);
    }
    // They came from anywhere: no client is named.
    unit.enqueue_mail(&Mail::notice(ports, MailKind::WrongPasswords, &user, &ClientInfo::default())).await?;
    unit.commit().await?;
    Ok(true)
}
