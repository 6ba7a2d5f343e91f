//! Sweep: remove what has ended by itself.

use crate::{Ports, store::StoreError};

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions past their end.
    pub sessions: u64,
    /// One-time tokens past their end.
    pub one_time_tokens: u64,
}

/// Removes sessions and one-time tokens that have ended. They are worth nothing before it too;
/// this only keeps the tables small.
///
/// # Errors
/// Only what the store reports.
pub async fn sweep(ports: &Ports) -> Result<Swept, StoreError> {
    let now = ports.clock.now();
    let mut unit = ports.store.begin().await?;
    let sessions =
        unit.purge_sessions(now - ports.policy.refresh_token_ttl, now - ports.policy.session_idle_timeout).await?;
    let one_time_tokens = unit.purge_one_time_tokens(now).await?;
    unit.commit().await?;
    Ok(Swept { sessions, one_time_tokens })
}
