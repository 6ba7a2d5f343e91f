//! The port that counts requests.

use async_trait::async_trait;

use super::{Ask, Decision};
use crate::store::Source;

/// The counters cannot be reached. No reason to refuse anybody.
#[derive(Debug, thiserror::Error)]
#[error("the rate limits cannot be counted")]
pub struct LimiterUnavailable(#[source] pub Source);

/// Where requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In this process, as the operator wants it.
    InProcess,
    /// Where every replica counts.
    Shared,
    /// In this process, since where every replica counts is away.
    SharedAway,
}

/// Counts requests.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one request under every key that is asked for, or under none: one decision for each ask,
    /// in their order. The keys of one call differ.
    ///
    /// A key that was not asked for within its window has its whole allowance: exactly `limit` requests
    /// MUST be allowed at once, however many ask at the same time and through however many limiters over
    /// the same counters; then one more each `window / limit`. Keys that differ in anything are counted
    /// apart.
    ///
    /// When one of the keys has no room, the request MUST NOT be counted under any; a decision for
    /// another key may be `allowed` then, and tells what is there without it.
    ///
    /// `retry_after` MUST be long enough: the same ask alone is allowed after it, if nobody else asks
    /// meanwhile. It is zero when the ask is allowed, `remaining` is zero when it is not.
    ///
    /// # Errors
    /// When the counters cannot be reached; nobody may be refused for that.
    async fn admit(&self, asks: &[Ask]) -> Result<Vec<Decision>, LimiterUnavailable>;

    /// Takes back one request that was counted under each of these keys, at once. The keys of one call differ.
    ///
    /// It is as if the request had not been counted: one more is allowed at once, also when others ask or give back at the
    /// same time. A key never gets more than its whole allowance: where nothing is counted, nothing changes.
    ///
    /// # Errors
    /// When the counters cannot be reached; then nothing was taken back.
    async fn give_back(&self, asks: &[Ask]) -> Result<(), LimiterUnavailable>;

    /// Where requests are counted now.
    fn standing(&self) -> Standing;
}
