//! Which requests are counted, by what, and how many may be.

use std::num::NonZeroU32;

use super::Quota;
use crate::client::Block;

/// A kind of request with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// To the own profile.
    Me,
    /// To end sessions. Apart from the others, so that nobody is kept from it by requests of whoever has stolen a token.
    EndSession,
    /// To change the password or to delete the account, which take the password.
    Security,
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
    /// The same, once it is known of which session.
    RefreshSession,
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
    /// The session that sends the request.
    Session,
    /// The user who signed in, in all sessions.
    User,
    /// The session that a refresh token belongs to.
    RenewedSession,
    /// The client's network: an IPv4 address, or a /64 of IPv6.
    Address,
    /// The larger block of IPv6 that the client's network is part of.
    Block(Block),
    /// The e-mail address that the request names.
    Account,
    /// Both of these.
    AddressAndAccount,
    /// The larger block of IPv6, and the e-mail address.
    BlockAndAccount(Block),
    /// The device, and the e-mail address.
    DeviceAndAccount,
}

/// Which requests a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// All of them.
    Requests,
    /// Sign-ins with a wrong password: each is counted when it begins, and given back unless the password is wrong.
    WrongPasswords,
}

/// One of the counters of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Its name, for clients and operators.
    pub name: &'static str,
    /// Whose requests it counts together.
    pub by: By,
    /// Which of them.
    pub counts: Counts,
    /// How many times the limit's number it allows.
    pub factor: NonZeroU32,
    /// In how many times the limit's time.
    pub windows: NonZeroU32,
}

impl Counter {
    /// How many requests it allows, where the operator allows so many.
    #[must_use]
    pub fn quota(&self, rate: Quota) -> Quota {
        rate.times(self.factor).over(self.windows)
    }
}

const fn counter(name: &'static str, by: By, factor: u32) -> Counter {
    Counter { name, by, counts: Counts::Requests, factor: at_least_one(factor), windows: NonZeroU32::MIN }
}

/// A counter of wrong passwords goes over hours: they come back so slowly that guessing for days leads nowhere.
const fn wrong_passwords(name: &'static str, by: By, factor: u32) -> Counter {
    Counter { counts: Counts::WrongPasswords, windows: at_least_one(240), ..counter(name, by, factor) }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// Stands in for the counter of an account when that has no room and the request comes from a device that has signed in
/// before: so guessers from all over the world do not lock the owner out.
pub const KNOWN_DEVICE: Counter = wrong_passwords("login-device", By::DeviceAndAccount, 4);

/// The counters of client networks: by the smallest block that one customer gets, and for IPv6 by the larger ones that
/// another may have whole. A /56 has the allowance of two networks, a /48 that of four: it may hold many customers, but
/// must not have 65,536 allowances.
macro_rules! by_network {
    ($name:literal, $by:ident, $by_block:ident, $factor:literal) => {
        &[
            counter($name, By::$by, $factor),
            counter(concat!($name, "-56"), By::$by_block(Block::Slash56), 2 * $factor),
            counter(concat!($name, "-48"), By::$by_block(Block::Slash48), 4 * $factor),
        ]
    };
    ($name:literal, $factor:literal) => {
        by_network!($name, Address, Block, $factor)
    };
}

/// One for all that protects an account. By session alone where nothing is asked but to end sessions: whoever has stolen
/// several must not keep the owner from it.
const SECURITY: Counter = counter("security", By::Session, 1);

/// One for all mails: what one client network may have sent.
const MAIL_BY_ADDRESS: &[Counter] = by_network!("mail-address", 10);

impl Limit {
    /// Its counters; a request must find room in all of them.
    ///
    /// Of one address many people may sign in or ask for mail, as in an office: tenfold. Of an account, wrong passwords
    /// are counted wherever they come from: twentyfold, and back only over hours, so guessing from many places at once stays
    /// slow; [`KNOWN_DEVICE`] keeps it from locking the owner out. A user has the allowance
    /// of five sessions (of two, where each request leaves something in the database), so that whoever has stolen one leaves
    /// the owner the rest.
    pub fn counters(self) -> impl Iterator<Item = &'static Counter> {
        self.groups().iter().copied().flatten()
    }

    const fn groups(self) -> &'static [&'static [Counter]] {
        match self {
            Self::Me => const { &[&[counter("me", By::Session, 1), counter("me-user", By::User, 5)]] },
            Self::EndSession => const { &[&[SECURITY]] },
            Self::Security => const { &[&[SECURITY, counter("security-user", By::User, 5)]] },
            Self::Contacts => {
                const { &[&[counter("contacts", By::Session, 1), counter("contacts-user", By::User, 5)]] }
            }
            Self::ContactCreate => {
                const { &[&[counter("contact-create", By::Session, 1), counter("contact-create-user", By::User, 2)]] }
            }
            Self::ContactBatch => {
                const { &[&[counter("contact-batch", By::Session, 1), counter("contact-batch-user", By::User, 2)]] }
            }
            Self::Login => {
                const {
                    &[
                        by_network!("login", AddressAndAccount, BlockAndAccount, 1),
                        by_network!("login-address", 10),
                        &[wrong_passwords("login-account", By::Account, 20)],
                    ]
                }
            }
            Self::Token => const { &[by_network!("token", 10)] },
            Self::Refresh => const { &[by_network!("refresh", 1)] },
            Self::RefreshSession => const { &[&[counter("refresh-session", By::RenewedSession, 1)]] },
            Self::VerifyMail => const { &[&[counter("verify-mail", By::Account, 1)], MAIL_BY_ADDRESS] },
            Self::ResetMail => const { &[&[counter("reset-mail", By::Account, 1)], MAIL_BY_ADDRESS] },
            Self::ChangeMail => const { &[&[counter("change-mail", By::Account, 1)], MAIL_BY_ADDRESS] },
            Self::Register => const { &[by_network!("register", 1), &[counter("register-account", By::Account, 1)]] },
        }
    }

    /// Reports whether it counts by what a body names: then it can be asked only after the body.
    #[must_use]
    pub fn needs_body(self) -> bool {
        let is_named =
            |by| matches!(by, By::Account | By::AddressAndAccount | By::BlockAndAccount(_) | By::RenewedSession);
        self.counters().any(|counter| is_named(counter.by))
    }

    /// Reports whether it counts by the session that sends the request: then it can be asked only once that is known to
    /// be alive.
    #[must_use]
    pub fn needs_session(self) -> bool {
        self.counters().any(|counter| matches!(counter.by, By::Session | By::User))
    }
}

/// How many requests of each kind the operator allows. `None`: as many as anybody likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// See [`Limit::Me`].
    pub me: Option<Quota>,
    /// See [`Limit::EndSession`] and [`Limit::Security`].
    pub security: Option<Quota>,
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
    /// See [`Limit::RefreshSession`].
    pub refresh_session: Option<Quota>,
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
            Limit::EndSession | Limit::Security => self.security,
            Limit::Contacts => self.contacts,
            Limit::ContactCreate => self.contact_create,
            Limit::ContactBatch => self.contact_batch,
            Limit::Login | Limit::Token => self.login,
            Limit::Refresh => self.refresh,
            Limit::RefreshSession => self.refresh_session,
            Limit::VerifyMail | Limit::ResetMail | Limit::ChangeMail => self.mail,
            Limit::Register => self.register,
        }
    }
}
