//! Cancel: a new password ends a change of the address that is under way.

use super::{Purpose, UserId};
use crate::{
    Ports,
    store::{StoreError, UnitOfWork},
};

/// Ends a change of the address that has not been confirmed, in a unit of its own, before a password is hashed. Hashing is
/// slow: a confirmation that came meanwhile would give the account to whoever asked for it with the old password.
pub(super) async fn cancel_email_change(ports: &Ports, user: UserId) -> Result<(), StoreError> {
    let mut unit = ports.store.begin().await?;
    if unit.lock_user(user).await?.is_some() {
        discard_email_change(&mut *unit, user).await?;
    }
    unit.commit().await
}

/// Clears the pending address of a locked user, and ends the links to confirm it.
pub(super) async fn discard_email_change(unit: &mut dyn UnitOfWork, user: UserId) -> Result<(), StoreError> {
    unit.set_pending_email(user, None).await?;
    unit.discard_one_time_tokens(user, Purpose::ChangeEmail).await
}
