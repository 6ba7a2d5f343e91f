//! Response headers of rate limits: `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10) and `Retry-After`.

use std::{fmt::Write as _, time::Duration};

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use domain::limit::Counted;

use super::{Code, Problem};

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Returns the headers of a response; none when nothing was counted.
pub(crate) fn of(counted: &[Counted]) -> Vec<(HeaderName, HeaderValue)> {
    let Some(most_restrictive) = most_restrictive(counted) else { return Vec::new() };
    let Counted { counter, decision, .. } = most_restrictive;
    // Equal to Retry-After when the request is rejected.
    let wait = if decision.allowed { decision.reset_after } else { decision.retry_after };
    let limit = format!("\"{counter}\";r={};t={}", decision.remaining, whole_seconds(wait));
    let policy = counted.iter().fold(String::new(), |mut policy, Counted { counter, quota, .. }| {
        let comma = if policy.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(policy, "{comma}\"{counter}\";q={};w={}", quota.limit(), quota.window().as_secs());
        policy
    });
    let fields = [(RATE_LIMIT, limit), (RATE_LIMIT_POLICY, policy)];
    fields.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?))).collect()
}

/// Returns the problem for a request that exceeds a limit.
pub(crate) fn rejection(counted: &[Counted]) -> Problem {
    let wait = most_restrictive(counted).map_or(1, |counted| whole_seconds(counted.decision.retry_after).max(1));
    let problem = Problem::new(Code::TooManyRequests).with_header(RETRY_AFTER, HeaderValue::from(wait));
    of(counted).into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
}

/// Returns the most restrictive counter: of those that rejected the request, the one with the longest wait; otherwise
/// the one with the fewest remaining requests. The draft requires this one. The others could reveal the activity of
/// other clients.
fn most_restrictive(counted: &[Counted]) -> Option<&Counted> {
    let rejected = counted.iter().filter(|counted| !counted.decision.allowed);
    let remaining = |counted: &&Counted| counted.decision.remaining;
    rejected.max_by_key(|counted| counted.decision.retry_after).or_else(|| counted.iter().min_by_key(remaining))
}

/// Returns the seconds, rounded up: a client that retries after them must be admitted.
pub(super) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
