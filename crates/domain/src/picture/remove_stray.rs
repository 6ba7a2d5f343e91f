//! Remove stray pictures: what their worker does each time it wakes.

use std::panic::AssertUnwindSafe;

use chrono::Duration;
use futures_util::{FutureExt as _, future::join_all};

use super::{PictureStoreError, StrayPicture};
use crate::{
    Ports,
    store::{StoreError, in_one_line},
};

/// Pictures claimed, and removed, at once.
const BATCH: u64 = 8;
/// A claim outlives a batch: its pictures are removed side by side, each within seconds. A remover that
/// dies delays its pictures by so much.
const LEASE_SECONDS: i64 = 120;
const FIRST_PAUSE_SECONDS: i64 = 15;
/// After a failure.
const LONGEST_PAUSE_SECONDS: i64 = 3600;
const MOST_GROWTH: u32 = 8;

/// What came of the pictures that were due.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removal {
    /// Notes taken: when there were any, more may wait.
    pub handled: usize,
    /// Why each picture that is still there is, for the log. They are tried again, without end: a picture
    /// shows a person who wants it gone.
    pub failures: Vec<String>,
}

/// Removes the stray pictures that are due.
///
/// # Errors
/// Only what the store reports; claimed pictures are then due again when their lease ends.
pub async fn remove_stray_pictures(ports: &Ports) -> Result<Removal, StoreError> {
    let now = ports.clock.now();
    if !ports.store.has_due_stray_pictures(now).await? {
        return Ok(Removal::default());
    }
    let mut unit = ports.store.begin().await?;
    let claimed = unit.claim_stray_pictures(now, now + Duration::seconds(LEASE_SECONDS), BATCH).await?;
    unit.commit().await?;

    let removing = claimed.iter().map(|stray| AssertUnwindSafe(ports.picture_store.discard(&stray.key)).catch_unwind());
    let outcomes = join_all(removing).await;

    let mut failures = Vec::new();
    let mut unit = ports.store.begin().await?;
    for (stray, outcome) in claimed.iter().zip(outcomes) {
        match outcome.unwrap_or_else(|_| Err(PictureStoreError::Refused("removing the picture panicked".into()))) {
            Ok(()) => match stray.may_arrive_until.filter(|until| now < *until) {
                None => unit.forget_stray_picture(&stray.key).await?,
                // It is gone, or not there yet.
                Some(until) => {
                    let again_at = until.min(ports.clock.now() + pause_after(stray));
                    unit.note_stray_pictures(std::slice::from_ref(&stray.key), again_at, Some(until)).await?;
                }
            },
            Err(error) => {
                let again_at = ports.clock.now() + pause_after(stray).min(Duration::seconds(LONGEST_PAUSE_SECONDS));
                let key = std::slice::from_ref(&stray.key);
                unit.note_stray_pictures(key, again_at, stray.may_arrive_until).await?;
                failures.push(in_one_line(&error));
            }
        }
    }
    unit.commit().await?;
    Ok(Removal { handled: claimed.len(), failures })
}

/// Four times as long after each attempt, up to some weeks.
fn pause_after(stray: &StrayPicture) -> Duration {
    let growth = 4_i64.pow(stray.attempts.saturating_sub(1).min(MOST_GROWTH));
    Duration::seconds(FIRST_PAUSE_SECONDS * growth)
}
