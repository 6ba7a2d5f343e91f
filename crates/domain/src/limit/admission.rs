//! The sender of a request, and the decisions on the request.

use super::{CountBy, Decision, LimitCheck, Quota, Subject};
use crate::{
    account::Email,
    client::{ClientInfo, ClientNetwork},
    ids::{SessionId, UserId},
    session::{CredentialId, DeviceDigest},
};

/// Known facts about the sender of a request.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// Client of the request.
    pub client: &'a ClientInfo,
    /// Credential and user, when the request is authenticated.
    pub authenticated: Option<(CredentialId, UserId)>,
    /// E-mail that the request names, when it is valid.
    pub account: Option<&'a Email>,
    /// Session of the refresh token in the request.
    pub renewed: Option<SessionId>,
}

impl<'a> Requester<'a> {
    /// Returns a requester of whom only the client is known.
    #[must_use]
    pub const fn unknown(client: &'a ClientInfo) -> Self {
        Self { client, authenticated: None, account: None, renewed: None }
    }

    /// Returns the subject under which a counter counts this request. Returns `None` when it is unknown.
    pub(crate) fn subject(&self, by: CountBy) -> Option<Subject> {
        let network = ClientNetwork::of(self.client.ip);
        let account = || self.account.cloned();
        match by {
            CountBy::Credential => self.authenticated.map(|(credential, _)| match credential {
                CredentialId::Session(session) => Subject::Session(session),
                CredentialId::AppPassword(password) => Subject::AppPassword(password),
            }),
            CountBy::User => self.authenticated.map(|(_, user)| Subject::User(user)),
            CountBy::RenewedSession => self.renewed.map(Subject::Session),
            CountBy::Network => Some(Subject::Network(network)),
            CountBy::Account => account().map(Subject::Account),
            CountBy::NetworkAndAccount => Some(Subject::NetworkAndAccount(network, account())),
            CountBy::DeviceAndAccount => {
                account().map(|account| Subject::DeviceAndAccount(DeviceDigest::of(self.client), account))
            }
            CountBy::Block(block) => network.within(block).map(Subject::Network),
            CountBy::BlockAndAccount(block) => {
                network.within(block).map(|network| Subject::NetworkAndAccount(network, account()))
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

/// Result of a check of all limits of a request.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// Decisions of all counters.
    pub counted: Vec<Counted>,
    /// Counts that apply only if the password is wrong. A sign-in reverses them for every other outcome.
    pub attempt: Vec<LimitCheck>,
}
