//! Removal of orphaned pictures: one run of their worker.

use std::panic::AssertUnwindSafe;

use chrono::Duration;
use futures_util::{FutureExt as _, future::join_all};

use crate::{
    error::{StoreError, in_one_line},
    picture::{OrphanedPicture, PictureStoreError},
    ports::Ports,
};

/// Maximum number of pictures leased and removed in one run.
const BATCH: u64 = 8;
/// Duration of a lease. It must outlast a batch: its pictures are removed concurrently, each within seconds. When
/// a worker dies, its pictures are delayed by the lease.
const LEASE_SECONDS: i64 = 120;
const MIN_PAUSE_SECONDS: i64 = 15;
/// Maximum pause after an error.
const MAX_PAUSE_SECONDS: i64 = 3600;
const MAX_GROWTH_EXPONENT: u32 = 8;

/// Result of one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removal {
    /// Number of leased records. When it is not 0, more may be due.
    pub handled: usize,
    /// Errors of the pictures that were not removed, for the log. They are retried without end: a person may have asked
    /// for the removal.
    pub failures: Vec<String>,
}

/// Removes the orphaned pictures that are due.
///
/// # Errors
/// Errors of the store; leased pictures are then due again when their lease ends.
pub async fn remove_orphaned_pictures(ports: &Ports) -> Result<Removal, StoreError> {
    let now = ports.clock.now();
    if !ports.store.has_due_orphaned_pictures(now).await? {
        return Ok(Removal::default());
    }
    let mut unit = ports.store.begin().await?;
    let leased = unit.lease_orphaned_pictures(now, now + Duration::seconds(LEASE_SECONDS), BATCH).await?;
    unit.commit().await?;

    let removing =
        leased.iter().map(|orphaned| AssertUnwindSafe(ports.picture_store.discard(&orphaned.key)).catch_unwind());
    let outcomes = join_all(removing).await;

    let mut failures = Vec::new();
    let mut unit = ports.store.begin().await?;
    for (orphaned, outcome) in leased.iter().zip(outcomes) {
        match outcome.unwrap_or_else(|_| Err(PictureStoreError::Rejected("removing the picture panicked".into()))) {
            Ok(()) => match orphaned.may_arrive_until.filter(|until| now < *until) {
                None => unit.forget_orphaned_picture(&orphaned.key).await?,
                // The picture was removed, or its upload has not arrived yet.
                Some(until) => {
                    let due_at = until.min(ports.clock.now() + pause_after(orphaned));
                    unit.record_orphaned_pictures(std::slice::from_ref(&orphaned.key), due_at, Some(until)).await?;
                }
            },
            Err(error) => {
                let due_at = ports.clock.now() + pause_after(orphaned).min(Duration::seconds(MAX_PAUSE_SECONDS));
                let key = std::slice::from_ref(&orphaned.key);
                unit.record_orphaned_pictures(key, due_at, orphaned.may_arrive_until).await?;
                failures.push(in_one_line(&error));
            }
        }
    }
    unit.commit().await?;
    Ok(Removal { handled: leased.len(), failures })
}

/// Returns the pause after an attempt: 15 s, then four times longer each time, up to 11 days.
fn pause_after(orphaned: &OrphanedPicture) -> Duration {
    let growth = 4_i64.pow(orphaned.attempts.saturating_sub(1).min(MAX_GROWTH_EXPONENT));
    Duration::seconds(MIN_PAUSE_SECONDS * growth)
}
