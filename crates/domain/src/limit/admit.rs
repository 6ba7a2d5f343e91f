//! Admission: checks a request against the counters of its limits.

use super::{
    CountBy, Counter, Counts, Decision, KNOWN_DEVICE, Key, Limit, LimitCheck, LimiterUnavailable, Quota, Subject,
};
use crate::{
    Ports,
    account::{Email, UserId},
    client::{ClientInfo, ClientNetwork},
    session::{DeviceDigest, SessionId},
};

/// Known facts about the sender of a request.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// Client of the request.
    pub client: &'a ClientInfo,
    /// Session and user, when the request has an access token of an active session.
    pub signed_in: Option<(SessionId, UserId)>,
    /// E-mail that the request names, when it is valid.
    pub account: Option<&'a Email>,
    /// Session of the refresh token in the request.
    pub renewed: Option<SessionId>,
}

impl<'a> Requester<'a> {
    /// Returns a requester of whom only the client is known.
    #[must_use]
    pub const fn unknown(client: &'a ClientInfo) -> Self {
        Self { client, signed_in: None, account: None, renewed: None }
    }

    /// Returns the subject under which a counter counts this request. Returns `None` when it is unknown.
    fn subject(&self, by: CountBy) -> Option<Subject> {
        let network = ClientNetwork::of(self.client.ip);
        let account = || self.account.cloned();
        match by {
            CountBy::Session => self.signed_in.map(|(session, _)| Subject::Session(session)),
            CountBy::User => self.signed_in.map(|(_, user)| Subject::User(user)),
            CountBy::RenewedSession => self.renewed.map(Subject::Session),
            CountBy::Address => Some(Subject::Address(network)),
            CountBy::Account => account().map(Subject::Account),
            CountBy::AddressAndAccount => Some(Subject::AddressAndAccount(network, account())),
            CountBy::DeviceAndAccount => {
                account().map(|account| Subject::DeviceAndAccount(DeviceDigest::of(self.client), account))
            }
            CountBy::Block(block) => network.within(block).map(Subject::Address),
            CountBy::BlockAndAccount(block) => {
                network.within(block).map(|network| Subject::AddressAndAccount(network, account()))
            }
        }
    }
}

/// Decision of one counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Name of the counter.
    pub counter: &'static str,
    /// Quota of the counter.
    pub quota: Quota,
    /// Decision on the request.
    pub decision: Decision,
}

/// Returns true when every counter allows the request.
#[must_use]
pub fn is_admitted(counted: &[Counted]) -> bool {
    counted.iter().all(|counted| counted.decision.allowed)
}

/// Result of [`admit`].
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// Decisions of all counters.
    pub counted: Vec<Counted>,
    /// Counts that apply only if the password is wrong; see [`give_back`].
    pub attempt: Vec<LimitCheck>,
}

/// A counter and the check that it performs.
struct Check {
    counter: Counter,
    ask: LimitCheck,
}

/// Counts a request under all counters of the limits atomically, or under none when one of them has no capacity.
///
/// When only counters of wrong passwords reject a request from a known device, the quota of the device applies instead
/// of that of the account.
///
/// # Errors
/// [`LimiterUnavailable`] when the counters are unavailable.
pub async fn admit(
    ports: &Ports,
    limits: &[Limit],
    requester: &Requester<'_>,
) -> Result<Admission, LimiterUnavailable> {
    let rates = &ports.policy.rates;
    let checks: Vec<Check> = limits.iter().flat_map(|limit| checks_of(rates.of(*limit), *limit, requester)).collect();
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
    count(ports, &by_device.collect::<Vec<Check>>()).await
}

/// Reverses the counts that apply only if the password is wrong. When the counters are unavailable the counts remain;
/// the owner has further attempts.
pub async fn give_back(ports: &Ports, attempt: &[LimitCheck]) {
    if !attempt.is_empty() {
        ports.rate_limiter.give_back(attempt).await.ok();
    }
}

async fn count(ports: &Ports, checks: &[Check]) -> Result<Admission, LimiterUnavailable> {
    if checks.is_empty() {
        return Ok(Admission::default());
    }
    let asks: Vec<LimitCheck> = checks.iter().map(|check| check.ask.clone()).collect();
    let decisions = ports.rate_limiter.admit(&asks).await?;
    let counted: Vec<Counted> = asks
        .iter()
        .zip(decisions)
        .map(|(ask, decision)| Counted { counter: ask.key.counter, quota: ask.quota, decision })
        .collect();
    let is_attempt = |check: &&Check| check.counter.counts == Counts::WrongPasswords && is_admitted(&counted);
    let attempt = checks.iter().filter(is_attempt).map(|check| check.ask.clone()).collect();
    Ok(Admission { counted, attempt })
}

fn only_wrong_passwords_reject(checks: &[Check], admission: &Admission) -> bool {
    let mut rejections =
        checks.iter().zip(&admission.counted).filter(|(_, counted)| !counted.decision.allowed).peekable();
    rejections.peek().is_some() && rejections.all(|(check, _)| check.counter.counts == Counts::WrongPasswords)
}

async fn is_known_device(ports: &Ports, requester: &Requester<'_>) -> bool {
    let Some(account) = requester.account else { return false };
    // An error of the store counts as an unknown device: without the database no sign-in is possible anyway.
    ports.store.is_known_device(account, &DeviceDigest::of(requester.client)).await.unwrap_or(false)
}

fn checks_of(rate: Option<Quota>, limit: Limit, requester: &Requester<'_>) -> impl Iterator<Item = Check> {
    limit.counters().filter_map(move |counter| check_of(*counter, rate?, requester))
}

fn check_of(counter: Counter, rate: Quota, requester: &Requester<'_>) -> Option<Check> {
    let key = Key { counter: counter.name, subject: requester.subject(counter.by)? };
    Some(Check { counter, ask: LimitCheck { key, quota: counter.quota(rate) } })
}
