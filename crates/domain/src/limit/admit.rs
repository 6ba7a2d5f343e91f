//! Asks the counters of a request's limits.

use super::{Ask, By, Decision, Key, Limit, LimiterUnavailable, Quota, Rates, Subject};
use crate::{
    Ports,
    account::{Email, UserId},
    client::{ClientInfo, ClientNetwork},
    session::SessionId,
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

/// Counts a request under those limits, at once: under all of their counters, or under none when one of
/// them has no room.
///
/// # Errors
/// When the counters cannot be reached.
pub async fn admit(
    ports: &Ports,
    limits: &[Limit],
    requester: &Requester<'_>,
) -> Result<Vec<Counted>, LimiterUnavailable> {
    let asks: Vec<Ask> = limits.iter().flat_map(|limit| asks(&ports.policy.rates, *limit, requester)).collect();
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    let decisions = ports.rate_limiter.admit(&asks).await?;
    let counted = asks.iter().zip(decisions);
    Ok(counted.map(|(ask, decision)| Counted { counter: ask.key.counter, quota: ask.quota, decision }).collect())
}

fn asks(rates: &Rates, limit: Limit, requester: &Requester<'_>) -> impl Iterator<Item = Ask> {
    let rate = rates.of(limit);
    limit.counters().filter_map(move |counter| {
        let key = Key { counter: counter.name, subject: requester.subject(counter.by)? };
        Some(Ask { key, quota: rate?.times(counter.factor) })
    })
}
