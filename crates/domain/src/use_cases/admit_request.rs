//! Admits a request, or rejects it: counts it under the counters of its limits.

use crate::{
    limit::{Admission, Counts, KNOWN_DEVICE, Limit, LimiterUnavailable, Requester},
    ports::Ports,
    session::DeviceDigest,
    use_cases::steps::{CounterCheck, check_of, checks_of, count_request},
};

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
    let checks: Vec<CounterCheck> = limits.iter().flat_map(|limit| checks_of(ports, *limit, requester)).collect();
    let admission = count_request(ports, &checks).await?;
    let (Some(rate), true) = (ports.policy.rates.login, only_wrong_passwords_reject(&checks, &admission)) else {
        return Ok(admission);
    };
    if !is_known_device(ports, requester).await {
        return Ok(admission);
    }
    let by_device = checks.into_iter().filter_map(|check| match check.counter.counts {
        Counts::Requests => Some(check),
        Counts::WrongPasswords => check_of(KNOWN_DEVICE, rate, requester),
    });
    count_request(ports, &by_device.collect::<Vec<CounterCheck>>()).await
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
