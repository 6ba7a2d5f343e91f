//! The port that counts requests.

use async_trait::async_trait;

use super::{Decision, LimitCheck};
use crate::error::Source;

/// Error: the counters are unavailable. It is no reason to reject requests.
#[derive(Debug, thiserror::Error)]
#[error("the rate limits are unavailable")]
pub struct LimiterUnavailable(#[source] pub Source);

/// Backend that counts requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimiterBackend {
    /// In this process, as configured.
    InProcess,
    /// In the shared backend of all replicas.
    Shared,
    /// In this process, because the shared backend is unavailable.
    SharedUnavailable,
}

/// Counts requests.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one request under every given key, or under none. Returns one decision per check, in the same order. The
    /// keys of one call are distinct.
    ///
    /// A key that was not checked within its window has its full quota: exactly `limit` requests MUST be allowed at
    /// once, then one more each `window / limit`. This holds for any number of concurrent callers, and any number of
    /// limiters that share the counters. Distinct keys are counted separately.
    ///
    /// When one key has no capacity, the request MUST NOT be counted under any key. The decision on another key may
    /// then be `allowed`, and reports its quota as if the request were counted.
    ///
    /// `retry_after` MUST be long enough: the same check alone is allowed after it, if no other request is counted in
    /// the meantime. This also holds after a clock was set back, and after the quota of the key was changed. It is zero
    /// when the check is allowed. `remaining` is zero when it is not.
    ///
    /// # Errors
    /// [`LimiterUnavailable`] when the counters are unavailable; no request may be rejected for that.
    async fn admit(&self, checks: &[LimitCheck]) -> Result<Vec<Decision>, LimiterUnavailable>;

    /// Reverses one counted request under each of these keys atomically. The keys of one call are distinct.
    ///
    /// The effect is as if the request had not been counted: one more is allowed, also with concurrent checks and
    /// reversals. A key never exceeds its full quota: where nothing is counted, nothing changes.
    ///
    /// # Errors
    /// [`LimiterUnavailable`] when the counters are unavailable; then nothing was reversed.
    async fn reverse(&self, checks: &[LimitCheck]) -> Result<(), LimiterUnavailable>;

    /// Returns the backend that currently counts requests.
    fn backend(&self) -> LimiterBackend;
}
