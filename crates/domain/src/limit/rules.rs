//! Which requests are counted, by what, and how many may be.

use std::num::NonZeroU32;

use super::{Ask, Decision, Key, LimiterUnavailable, Quota, Subject};
use crate::{
    Ports,
    account::{Email, UserId},
    client::ClientNetwork,
};

/// A kind of request with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// To the own profile.
    Me,
    /// To contacts.
    Contacts,
    /// For a new contact.
    ContactCreate,
    /// For many changes of contacts at once.
    ContactBatch,
    /// To sign in.
    Login,
    /// With a one-time token; or to register, before its body is read, since judging a password costs.
    Token,
    /// For the next pair of tokens.
    Refresh,
    /// For another mail that proves the address of an account. The mails have limits apart, so that whoever
    /// has one of them sent in vain does not keep the account's owner from the others.
    VerifyMail,
    /// For a mail that sets a new password.
    ResetMail,
    /// For a mail that proves another address.
    ChangeMail,
    /// To register.
    Register,
}

/// What tells whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The user who signed in.
    User,
    /// The client's network.
    Address,
    /// The e-mail address that the request names.
    Account,
    /// Both of these.
    AddressAndAccount,
}

/// One of the counters of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Its name, for clients and operators.
    pub name: &'static str,
    /// Whose requests it counts together.
    pub by: By,
    /// How many times the limit's rate it allows.
    pub factor: NonZeroU32,
}

const fn counter(name: &'static str, by: By, factor: u32) -> Counter {
    match NonZeroU32::new(factor) {
        Some(factor) => Counter { name, by, factor },
        None => Counter { name, by, factor: NonZeroU32::MIN },
    }
}

/// One for all mails: what one client network may have sent.
const MAIL_BY_ADDRESS: Counter = counter("mail-address", By::Address, 10);

impl Limit {
    /// Its counters; a request must find room in all of them.
    ///
    /// Of one address many people may sign in or ask for mail, as in an office: tenfold. An account may
    /// be tried from anywhere twentyfold, so that a stranger who would lock its owner out needs twenty
    /// client networks all the time, while guessing from many places at once stays slow.
    #[must_use]
    pub const fn counters(self) -> &'static [Counter] {
        match self {
            Self::Me => const { &[counter("me", By::User, 1)] },
            Self::Contacts => const { &[counter("contacts", By::User, 1)] },
            Self::ContactCreate => const { &[counter("contact-create", By::User, 1)] },
            Self::ContactBatch => const { &[counter("contact-batch", By::User, 1)] },
            Self::Login => {
                const {
                    &[
                        counter("login", By::AddressAndAccount, 1),
                        counter("login-address", By::Address, 10),
                        counter("login-account", By::Account, 20),
                    ]
                }
            }
            Self::Token => const { &[counter("token", By::Address, 10)] },
            Self::Refresh => const { &[counter("refresh", By::Address, 1)] },
            Self::VerifyMail => const { &[counter("verify-mail", By::Account, 1), MAIL_BY_ADDRESS] },
            Self::ResetMail => const { &[counter("reset-mail", By::Account, 1), MAIL_BY_ADDRESS] },
            Self::ChangeMail => const { &[counter("change-mail", By::Account, 1), MAIL_BY_ADDRESS] },
            Self::Register => {
                const { &[counter("register", By::Address, 1), counter("register-account", By::Account, 1)] }
            }
        }
    }

    /// Whether it asks which account a request is about: then it can be asked only after the body.
    #[must_use]
    pub fn needs_account(self) -> bool {
        self.counters().iter().any(|counter| matches!(counter.by, By::Account | By::AddressAndAccount))
    }
}

/// How many requests of each kind the operator allows. `None`: as many as anybody likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// See [`Limit::Me`].
    pub me: Option<Quota>,
    /// See [`Limit::Contacts`].
    pub contacts: Option<Quota>,
    /// See [`Limit::ContactCreate`].
    pub contact_create: Option<Quota>,
    /// See [`Limit::ContactBatch`].
    pub contact_batch: Option<Quota>,
    /// See [`Limit::Login`] and [`Limit::Token`].
    pub login: Option<Quota>,
    /// See [`Limit::Refresh`].
    pub refresh: Option<Quota>,
    /// See [`Limit::VerifyMail`], [`Limit::ResetMail`] and [`Limit::ChangeMail`].
    pub mail: Option<Quota>,
    /// See [`Limit::Register`].
    pub register: Option<Quota>,
}

impl Rates {
    /// The rate of a limit.
    #[must_use]
    pub const fn of(&self, limit: Limit) -> Option<Quota> {
        match limit {
            Limit::Me => self.me,
            Limit::Contacts => self.contacts,
            Limit::ContactCreate => self.contact_create,
            Limit::ContactBatch => self.contact_batch,
            Limit::Login | Limit::Token => self.login,
            Limit::Refresh => self.refresh,
            Limit::VerifyMail | Limit::ResetMail | Limit::ChangeMail => self.mail,
            Limit::Register => self.register,
        }
    }
}

/// Who sends a request, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'a> {
    /// The user, when an access token says so.
    pub user: Option<UserId>,
    /// Where the request comes from.
    pub address: ClientNetwork,
    /// The e-mail address that the request names, when it is one.
    pub account: Option<&'a Email>,
}

impl Requester<'_> {
    /// Whose requests a counter counts this one with; `None` when it does not know.
    fn subject(&self, by: By) -> Option<Subject> {
        match by {
            By::User => self.user.map(Subject::User),
            By::Address => Some(Subject::Address(self.address)),
            By::Account => self.account.cloned().map(Subject::Account),
            By::AddressAndAccount => Some(Subject::AddressAndAccount(self.address, self.account.cloned())),
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
    limit.counters().iter().filter_map(move |counter| {
        let key = Key { counter: counter.name, subject: requester.subject(counter.by)? };
        Some(Ask { key, quota: rate?.times(counter.factor) })
    })
}
