//! Cancels a pending change of the e-mail, when a new password is set.

use chrono::Duration;

use crate::{account::Purpose, error::StoreError, ids::UserId, ports::Ports, store::UnitOfWork};

/// Time for which no change of the e-mail can be confirmed: longer than the hash of a password takes, also when it waits.
const LOCK: Duration = Duration::minutes(1);

/// Cancels an unconfirmed change of the e-mail in its own unit, before a password is hashed, and rejects others until
/// [`discard_email_change`]. Hashing is slow: a confirmation in the meantime would give the account to the client that
/// requested the change with the old password.
pub(crate) async fn cancel_email_change(ports: &Ports, user: UserId) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    if unit.lock_user(user).await?.is_some() {
        discard_email_change(&mut *unit, user).await?;
        unit.lock_email(user, Some(ports.clock.now() + LOCK)).await?;
    }
    unit.commit().await
}

/// Clears the pending e-mail of a locked user, discards the links to confirm it, and accepts changes of the e-mail again.
pub(crate) async fn discard_email_change(unit: &mut dyn UnitOfWork, user: UserId) -> Result<(), StoreError> {
    unit.set_pending_email(user, None).await?;
    unit.lock_email(user, None).await?;
    unit.discard_one_time_tokens(user, Purpose::ChangeEmail).await
}
