//! Generic cell rate algorithm (ITU-T I.371), the algorithm of every counter. It stores one number per key: the time at
//! which the full quota is available again.
//!
//! Times are microseconds since 1970. The Redis script implements the same algorithm; the contract of
//! [`RateLimiter`](super::RateLimiter) applies to both.

use std::time::Duration;

use super::{Decision, Quota};

/// Returns the decision of a counter at `now`, when its full quota is available at `full_at`. Also returns the time at
/// which the full quota is available if the request is counted.
///
/// A `full_at` more than one window ahead is impossible, unless a clock was set back or the quota was changed. It
/// counts as an exhausted quota, so that no client waits longer than the window. A caller that does not count the
/// request MUST store what [`corrected`] returns.
#[must_use]
pub fn decide(quota: Quota, now: i64, full_at: Option<i64>) -> (Decision, i64) {
    let (interval, latest) = (quota.interval_micros(), latest(quota, now));
    let full_at = full_at.unwrap_or(now).clamp(now, latest);
    let next = full_at.saturating_add(interval);
    let allowed = next <= latest;
    let full_again_at = if allowed { next } else { full_at };
    let remaining = u32::try_from((latest - full_again_at) / interval).unwrap_or(quota.limit());
    let decision = Decision {
        allowed,
        remaining: if allowed { remaining } else { 0 },
        retry_after: if allowed { Duration::ZERO } else { micros(next - latest) },
        reset_after: micros(full_again_at - now),
    };
    (decision, next.min(latest))
}

/// Returns the time to store instead of an impossible `full_at`: that of an exhausted quota. Returns `None` when
/// `full_at` is possible.
///
/// [`decide`] rejects each request while `full_at` is impossible. Unless it is corrected, it remains impossible until
/// the whole difference of the clock or of the quotas has passed.
#[must_use]
pub fn corrected(quota: Quota, now: i64, full_at: Option<i64>) -> Option<i64> {
    let latest = latest(quota, now);
    full_at.is_some_and(|full_at| full_at > latest).then_some(latest)
}

/// Returns the time at which the full quota is available after one counted request is reversed. Returns `None` when it
/// is already available.
#[must_use]
pub fn reverse(quota: Quota, now: i64, full_at: Option<i64>) -> Option<i64> {
    let full_at = full_at?.min(latest(quota, now)).saturating_sub(quota.interval_micros());
    (full_at > now).then_some(full_at)
}

/// Returns the latest possible time: that of an exhausted quota.
fn latest(quota: Quota, now: i64) -> i64 {
    now.saturating_add(quota.interval_micros().saturating_mul(i64::from(quota.limit())))
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
