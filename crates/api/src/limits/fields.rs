//! What clients are told of limits: `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10) and `Retry-After`.

use std::{fmt::Write as _, time::Duration};

use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use domain::limit::Counted;

use crate::problem::{Code, Problem};

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The fields of an answer; none when nothing was counted.
pub(super) fn of(counted: &[Counted]) -> Vec<(HeaderName, HeaderValue)> {
    let Some(nearest) = nearest(counted) else { return Vec::new() };
    let Counted { counter, decision, .. } = nearest;
    // The same moment as Retry-After, where there is one.
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

/// The answer to a request that found no room.
pub(super) fn refusal(counted: &[Counted]) -> Problem {
    let wait = nearest(counted).map_or(1, |counted| whole_seconds(counted.decision.retry_after).max(1));
    let problem = Problem::new(Code::TooManyRequests).with_header(RETRY_AFTER, HeaderValue::from(wait));
    of(counted).into_iter().fold(problem, |problem, (name, value)| problem.with_header(name, value))
}

/// The one that matters: of those that refused, the one to wait for longest; else the one with the least
/// room. The draft wants that one named; of the others it might tell what other people do.
fn nearest(counted: &[Counted]) -> Option<&Counted> {
    let refused = counted.iter().filter(|counted| !counted.decision.allowed);
    let room = |counted: &&Counted| counted.decision.remaining;
    refused.max_by_key(|counted| counted.decision.retry_after).or_else(|| counted.iter().min_by_key(room))
}

/// Rounded up: who comes back after them must be let in.
pub(super) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
