//! Admits a request, or rejects it: counts it under the counters of its limits.

use crate::{
    limit::{
        Admission, Counted, Counter, Counts, KNOWN_DEVICE, Key, Limit, LimitCheck, LimiterUnavailable, Quota,
        Requester, is_admitted,
    },
    ports::Ports,
    session::DeviceDigest,
};

/// A counter, and the check of one request by it.
struct CounterCheck {
    counter: Counter,
    limit: LimitCheck,
}

/// Counts a request under all counters of the limits atomically, or under none when one of them has no capacity.
///
/// When only counters of wrong passwords reject a request from a known device, the quota of the device applies instead
/// of that of the account.
///
/// # Errors
/// [`LimiterUnavailable`] when the counters are unavailable.
pub async fn admit_request(
    ports: &Ports,
    limits: &[Limit],
    requester: &Requester<'_>,
) -> Result<Admission, LimiterUnavailable> {
    let rates = &ports.policy.rates;
    let checks: Vec<CounterCheck> =
        limits.iter().flat_map(|limit| checks_of(rates.of(*limit), *limit, requester)).collect();
    let admission = count(ports, &checks).await?;
    let (Some(rate), true) = (rates.login, only_wrong_passwords_reject(&checks, &admission)) else {
        return Ok(admission);
    };
    if !is_known_device(ports, requester).await {
        return Ok(admission);
    }
    let by_device = checks.into_iter().filter_map(|check| match check.counter.counts {
        Counts::Requests => Some(check),
        Counts::WrongPasswords => check_of(KNOWN_DEVICE, rate, requester),
    });
    count(ports, &by_device.collect::<Vec<CounterCheck>>()).await
}

async fn count(ports: &Ports, checks: &[CounterCheck]) -> Result<Admission, LimiterUnavailable> {
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

fn only_wrong_passwords_reject(checks: &[CounterCheck], admission: &Admission) -> bool {
    let mut rejections =
        checks.iter().zip(&admission.counted).filter(|(_, counted)| !counted.decision.allowed).peekable();
    rejections.peek().is_some() && rejections.all(|(check, _)| check.counter.counts == Counts::WrongPasswords)
}

async fn is_known_device(ports: &Ports, requester: &Requester<'_>) -> bool {
    let Some(account) = requester.account else { return false };
    // An error of the store counts as an unknown device: without the database no sign-in is possible anyway.
    ports.store.is_known_device(account, &DeviceDigest::of(requester.client)).await.unwrap_or(false)
}

fn checks_of(rate: Option<Quota>, limit: Limit, requester: &Requester<'_>) -> impl Iterator<Item = CounterCheck> {
    limit.counters().filter_map(move |counter| check_of(*counter, rate?, requester))
}

fn check_of(counter: Counter, rate: Quota, requester: &Requester<'_>) -> Option<CounterCheck> {
    let key = Key { counter: counter.name, subject: requester.subject(counter.by)? };
    Some(CounterCheck { counter, limit: LimitCheck { key, quota: counter.quota(rate) } })
}
