//! The rule of every counter: the generic cell rate algorithm (ITU-T I.371), which needs one number a
//! key, the moment at which the whole allowance is back.
//!
//! Moments are microseconds since 1970. The script that Redis runs says the same in its own language;
//! the contract of [`RateLimiter`](super::RateLimiter) holds both to it.

use std::time::Duration;

use super::{Decision, Quota};

/// What a counter says at `now`, when its allowance is whole again at `full_at`, and the moment at
/// which it will be whole if the request is counted.
///
/// A moment farther away than a whole allowance cannot be: a clock was set back, or the quota was
/// another. It counts as an empty allowance, so that nobody waits longer than the window.
#[must_use]
pub fn decide(quota: Quota, now: i64, full_at: Option<i64>) -> (Decision, i64) {
    let interval = quota.interval_micros();
    let burst = interval.saturating_mul(i64::from(quota.limit()));
    let latest = now.saturating_add(burst);
    let full_at = full_at.unwrap_or(now).clamp(now, latest);
    let next = full_at.saturating_add(interval);
    let allowed = next <= latest;
    let after = if allowed { next } else { full_at };
    let remaining = u32::try_from((latest - after) / interval).unwrap_or(quota.limit());
    let decision = Decision {
        allowed,
        remaining: if allowed { remaining } else { 0 },
        retry_after: if allowed { Duration::ZERO } else { micros(next - latest) },
        reset_after: micros(after - now),
    };
    (decision, next.min(latest))
}

/// The moment at which the allowance will be whole when one request that was counted is taken back; `None` when it is whole
/// then.
#[must_use]
pub fn give_back(quota: Quota, now: i64, full_at: Option<i64>) -> Option<i64> {
    let interval = quota.interval_micros();
    let latest = now.saturating_add(interval.saturating_mul(i64::from(quota.limit())));
    let full_at = full_at?.min(latest) - interval;
    (full_at > now).then_some(full_at)
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}
