//! Scripts that count requests in Redis. The rate limiter runs them, and the probes of Redis run the first one.

/// Script that decides one request. Redis runs scripts atomically, so all replicas together admit exactly the limit.
/// Uses the clock of Redis, so the clocks of the replicas need not agree.
pub(crate) const GCRA: &str = include_str!("limits/gcra.lua");
/// Script that reverts the counting of one request.
pub(crate) const REVERSE: &str = include_str!("limits/reverse.lua");
