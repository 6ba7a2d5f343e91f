//! Counts a request under the counters of its limits.

use crate::{
    limit::{
        Admission, Counted, Counter, Counts, Key, Limit, LimitCheck, LimiterUnavailable, Quota, Requester, is_admitted,
    },
    ports::Ports,
};

/// A counter, and the check of one request by it.
pub(crate) struct CounterCheck {
    pub(crate) counter: Counter,
    limit: LimitCheck,
}

/// Counts a request under all of the counters atomically, or under none when one of them has no capacity.
pub(crate) async fn count_request(ports: &Ports, checks: &[CounterCheck]) -> Result<Admission, LimiterUnavailable> {
    if checks.is_empty() {
        return Ok(Admission::default());
    }
    let limits: Vec<LimitCheck> = checks.iter().map(|check| check.limit.clone()).collect();
    let decisions = ports.rate_limiter.admit(&limits).await?;
    let counted: Vec<Counted> = limits
        .iter()
        .zip(decisions)
        .map(|(limit, decision)| Counted { counter: limit.key.counter, quota: limit.quota, decision })
        .collect();
    let is_attempt = |check: &&CounterCheck| check.counter.counts == Counts::WrongPasswords && is_admitted(&counted);
    let attempt = checks.iter().filter(is_attempt).map(|check| check.limit.clone()).collect();
    Ok(Admission { counted, attempt })
}

/// Reverses the counts that apply only if the password is wrong. When the counters are unavailable the counts remain;
/// the owner has further attempts.
pub(crate) async fn reverse_attempt(ports: &Ports, attempt: &[LimitCheck]) {
    if !attempt.is_empty() {
        ports.rate_limiter.reverse(attempt).await.ok();
    }
}

/// Returns the checks of a request by the counters of a limit; none when the limit is switched off.
pub(crate) fn checks_of(ports: &Ports, limit: Limit, requester: &Requester<'_>) -> impl Iterator<Item = CounterCheck> {
    let rate = ports.policy.rates.of(limit);
    limit.counters().filter_map(move |counter| check_of(*counter, rate?, requester))
}

/// Returns the check of a request by one counter. Returns `None` when its subject is unknown.
pub(crate) fn check_of(counter: Counter, rate: Quota, requester: &Requester<'_>) -> Option<CounterCheck> {
    let key = Key { counter: counter.name, subject: requester.subject(counter.by)? };
    Some(CounterCheck { counter, limit: LimitCheck { key, quota: counter.quota(rate) } })
}
