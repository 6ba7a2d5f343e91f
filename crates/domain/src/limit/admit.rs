//! Asks the counters of a request's limits.

use super::{Ask, By, Counter, Counts, Decision, KNOWN_DEVICE, Key, Limit, LimiterUnavailable, Quota, Subject};
use crate::{
    Ports,
    account::{Email, UserId},
    client::{ClientInfo, ClientNetwork},
    session::{DeviceDigest, SessionId},
};

/// Who sends a request, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// Where the request comes from.
    pub client: &'a ClientInfo,
    /// The session and its user, when the request was sent with an access token of a session that is alive.
    pub signed_in: Option<(SessionId, UserId)>,
    /// The e-mail address that the request names, when it is one.
    pub account: Option<&'a Email>,
    /// The session that the request wants to renew.
    pub renewed: Option<SessionId>,
}

impl<'a> Requester<'a> {
    /// A client of whom nothing else is known.
    #[must_use]
    pub const fn unknown(client: &'a ClientInfo) -> Self {
        Self { client, signed_in: None, account: None, renewed: None }
    }

    /// Whose requests a counter counts this one with; `None` when it does not know.
    fn subject(&self, by: By) -> Option<Subject> {
        let network = ClientNetwork::of(self.client.ip);
        let account = || self.account.cloned();
        match by {
            By::Session => self.signed_in.map(|(session, _)| Subject::Session(session)),
            By::User => self.signed_in.map(|(_, user)| Subject::User(user)),
            By::RenewedSession => self.renewed.map(Subject::Session),
            By::Address => Some(Subject::Address(network)),
            By::Account => account().map(Subject::Account),
            By::AddressAndAccount => Some(Subject::AddressAndAccount(network, account())),
            By::DeviceAndAccount => {
                account().map(|account| Subject::DeviceAndAccount(DeviceDigest::of(self.client), account))
            }
            By::Block(block) => network.within(block).map(Subject::Address),
            By::BlockAndAccount(block) => {
                network.within(block).map(|network| Subject::AddressAndAccount(network, account()))
            }
        }
    }
}

/// What one counter said to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The counter's name.
    pub counter: &'static str,
    /// How many requests it allows.
    pub quota: Quota,
    /// What it said.
    pub decision: Decision,
}

/// Whether no counter refused.
#[must_use]
pub fn is_admitted(counted: &[Counted]) -> bool {
    counted.iter().all(|counted| counted.decision.allowed)
}

/// What the counters said to a request.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// What each of them said.
    pub counted: Vec<Counted>,
    /// What was counted only for the case that the password is wrong; see [`give_back`].
    pub attempt: Vec<Ask>,
}

/// A counter, and what it is asked.
struct Asked {
    counter: Counter,
    ask: Ask,
}

/// Counts a request under those limits, at once: under all of their counters, or under none when one of
/// them has no room. When only wrong passwords stand against it and it comes from a known device, the allowance of the
/// device is asked instead of the account's.
///
/// # Errors
/// When the counters cannot be reached.
pub async fn admit(
    ports: &Ports,
    limits: &[Limit],
    requester: &Requester<'_>,
) -> Result<Admission, LimiterUnavailable> {
    let rates = &ports.policy.rates;
    let asked: Vec<Asked> = limits.iter().flat_map(|limit| asked(rates.of(*limit), *limit, requester)).collect();
    let admission = count(ports, &asked).await?;
    let (Some(rate), true) = (rates.login, are_only_passwords_against(&asked, &admission)) else {
        return Ok(admission);
    };
    if !is_known_device(ports, requester).await {
        return Ok(admission);
    }
    let by_device = asked.into_iter().filter_map(|asked| match asked.counter.counts {
        Counts::Requests => Some(asked),
        Counts::WrongPasswords => asked_of(KNOWN_DEVICE, rate, requester),
    });
    count(ports, &by_device.collect::<Vec<Asked>>()).await
}

/// Takes back what was counted for the case that the password is wrong. Counters that cannot be reached keep the attempt:
/// the owner has others.
pub async fn give_back(ports: &Ports, attempt: &[Ask]) {
    if !attempt.is_empty() {
        ports.rate_limiter.give_back(attempt).await.ok();
    }
}

async fn count(ports: &Ports, asked: &[Asked]) -> Result<Admission, LimiterUnavailable> {
    if asked.is_empty() {
        return Ok(Admission::default());
    }
    let asks: Vec<Ask> = asked.iter().map(|asked| asked.ask.clone()).collect();
    let decisions = ports.rate_limiter.admit(&asks).await?;
    let counted: Vec<Counted> = asks
        .iter()
        .zip(decisions)
        .map(|(ask, decision)| Counted { counter: ask.key.counter, quota: ask.quota, decision })
        .collect();
    let is_attempt = |asked: &&Asked| asked.counter.counts == Counts::WrongPasswords && is_admitted(&counted);
    let attempt = asked.iter().filter(is_attempt).map(|asked| asked.ask.clone()).collect();
    Ok(Admission { counted, attempt })
}

fn are_only_passwords_against(asked: &[Asked], admission: &Admission) -> bool {
    let mut refused = asked.iter().zip(&admission.counted).filter(|(_, counted)| !counted.decision.allowed).peekable();
    refused.peek().is_some() && refused.all(|(asked, _)| asked.counter.counts == Counts::WrongPasswords)
}

async fn is_known_device(ports: &Ports, requester: &Requester<'_>) -> bool {
    let Some(account) = requester.account else { return false };
    // Without the database nobody can sign in anyway.
    ports.store.is_known_device(account, &DeviceDigest::of(requester.client)).await.unwrap_or(false)
}

fn asked(rate: Option<Quota>, limit: Limit, requester: &Requester<'_>) -> impl Iterator<Item = Asked> {
    limit.counters().filter_map(move |counter| asked_of(*counter, rate?, requester))
}

fn asked_of(counter: Counter, rate: Quota, requester: &Requester<'_>) -> Option<Asked> {
    let key = Key { counter: counter.name, subject: requester.subject(counter.by)? };
    Some(Asked { counter, ask: Ask { key, quota: counter.quota(rate) } })
}
