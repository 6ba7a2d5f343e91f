//! Rules of the rate limits: the counters of each kind of request, and their quotas.

use std::num::NonZeroU32;

use super::Quota;
use crate::client::Block;

/// Kind of request that has its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Requests to the user's own profile.
    Me,
    /// Requests to end sessions. The limit is separate, so that requests of a client with a stolen token cannot block
    /// them.
    EndSession,
    /// Requests that need the password: to change it, or to delete the account.
    Security,
    /// Requests to contacts.
    Contacts,
    /// Requests to create a contact.
    ContactCreate,
    /// Batches of changes of contacts.
    ContactBatch,
    /// Imports of files.
    Import,
    /// Requests to CardDAV.
    Dav,
    /// Wrong app passwords.
    AppPassword,
    /// Sign-ins.
    Login,
    /// Requests with a one-time token. Also registrations, before their body is read, because judging a password is
    /// expensive.
    Token,
    /// Requests to refresh tokens, before the session is known.
    Refresh,
    /// Requests to refresh tokens, once the session is known.
    RefreshSession,
    /// Requests for another mail to verify the e-mail of an account. Each kind of mail has its own limit. So useless
    /// requests for one kind do not block the others for the owner of the account.
    VerifyMail,
    /// Requests for a mail to set a new password.
    ResetMail,
    /// Requests for another mail to confirm a pending e-mail.
    ChangeMail,
    /// Registrations.
    Register,
}

/// Property by which a counter groups requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountBy {
    /// Session or app password of the request.
    Credential,
    /// Authenticated user, in all sessions and with all app passwords.
    User,
    /// Session of the refresh token.
    RenewedSession,
    /// Client network: an IPv4 address, or a /64 of IPv6.
    Network,
    /// Larger IPv6 block that contains the client network.
    Block(Block),
    /// E-mail that the request names.
    Account,
    /// Client network and e-mail.
    NetworkAndAccount,
    /// Larger IPv6 block and e-mail.
    BlockAndAccount(Block),
    /// Device and e-mail.
    DeviceAndAccount,
}

/// Requests that a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// All requests.
    Requests,
    /// Requests with a wrong password or app password. A request is counted before the password is checked, and reversed
    /// unless it is wrong.
    WrongPasswords,
}

/// One counter of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Name, for clients and operators.
    pub name: &'static str,
    /// Property by which it groups requests.
    pub by: CountBy,
    /// Requests that it counts.
    pub counts: Counts,
    /// Factor of the limit's number of requests.
    pub factor: NonZeroU32,
    /// Factor of the limit's window.
    pub windows: NonZeroU32,
}

impl Counter {
    /// Returns the quota of the counter, for the rate that the operator configures.
    #[must_use]
    pub fn quota(&self, rate: Quota) -> Quota {
        rate.times(self.factor).over(self.windows)
    }
}

const fn counter(name: &'static str, by: CountBy, factor: u32) -> Counter {
    Counter { name, by, counts: Counts::Requests, factor: at_least_one(factor), windows: NonZeroU32::MIN }
}

/// Returns a counter of wrong passwords. Its window is 240 times longer, so that guessing for days remains ineffective.
const fn wrong_passwords(name: &'static str, by: CountBy, factor: u32) -> Counter {
    Counter { windows: at_least_one(240), ..wrong_secrets(name, by, factor) }
}

/// Returns a counter of wrong app passwords. Its window is short: a random secret cannot be guessed.
const fn wrong_secrets(name: &'static str, by: CountBy, factor: u32) -> Counter {
    Counter { counts: Counts::WrongPasswords, ..counter(name, by, factor) }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// Counter that replaces the one of an account when that has no capacity and the device has signed in before. So
/// distributed guessing does not lock the owner out.
pub const KNOWN_DEVICE: Counter = wrong_passwords("login-device", CountBy::DeviceAndAccount, 4);

/// Counters of client networks: by the smallest block that one customer gets, and for IPv6 also by the larger blocks
/// that a customer may have. A /56 has the quota of two networks, a /48 that of four: it may contain many customers,
/// but must not have 65,536 quotas.
macro_rules! by_network {
    ($counter:ident, $name:literal, $by:ident, $by_block:ident, $factor:literal) => {
        &[
            $counter($name, CountBy::$by, $factor),
            $counter(concat!($name, "-56"), CountBy::$by_block(Block::Slash56), 2 * $factor),
            $counter(concat!($name, "-48"), CountBy::$by_block(Block::Slash48), 4 * $factor),
        ]
    };
    ($counter:ident, $name:literal, $factor:literal) => {
        by_network!($counter, $name, Network, Block, $factor)
    };
    ($name:literal, $factor:literal) => {
        by_network!(counter, $name, $factor)
    };
}

/// Shared counter of the requests that protect an account. Ending sessions is counted by session only, so that a client
/// with several stolen tokens cannot block the owner.
const SECURITY: Counter = counter("security", CountBy::Credential, 1);

/// Shared counters of all mails that one client network may request.
const MAIL_BY_ADDRESS: &[Counter] = by_network!("mail-address", 10);

impl Limit {
    /// Returns the counters of the limit. A request must be allowed by all of them.
    ///
    /// Client networks have 10 times the quota for sign-ins and mails, because many people may share one address, as in
    /// an office.
    ///
    /// Wrong passwords for an account are counted for all clients together, with 20 times the quota over 240 times the
    /// window. So distributed guessing stays slow. [`KNOWN_DEVICE`] prevents it from locking the owner out.
    ///
    /// A user has the quota of five credentials, or of two where each request adds rows to the database. So a client with
    /// one stolen token leaves the rest to the owner.
    pub fn counters(self) -> impl Iterator<Item = &'static Counter> {
        self.groups().iter().copied().flatten()
    }

    const fn groups(self) -> &'static [&'static [Counter]] {
        match self {
            Self::Me => const { &[&[counter("me", CountBy::Credential, 1), counter("me-user", CountBy::User, 5)]] },
            Self::EndSession => const { &[&[SECURITY]] },
            Self::Security => const { &[&[SECURITY, counter("security-user", CountBy::User, 5)]] },
            Self::Contacts => {
                const { &[&[counter("contacts", CountBy::Credential, 1), counter("contacts-user", CountBy::User, 5)]] }
            }
            Self::ContactCreate => {
                const {
                    &[&[
                        counter("contact-create", CountBy::Credential, 1),
                        counter("contact-create-user", CountBy::User, 2),
                    ]]
                }
            }
            Self::ContactBatch => {
                const {
                    &[&[
                        counter("contact-batch", CountBy::Credential, 1),
                        counter("contact-batch-user", CountBy::User, 2),
                    ]]
                }
            }
            Self::Import => {
                const { &[&[counter("import", CountBy::Credential, 1), counter("import-user", CountBy::User, 2)]] }
            }
            Self::Dav => const { &[&[counter("dav", CountBy::Credential, 1), counter("dav-user", CountBy::User, 5)]] },
            Self::AppPassword => const { &[by_network!(wrong_secrets, "app-password", 1)] },
            Self::Login => {
                const {
                    &[
                        by_network!(counter, "login", NetworkAndAccount, BlockAndAccount, 1),
                        by_network!("login-address", 10),
                        &[wrong_passwords("login-account", CountBy::Account, 20)],
                    ]
                }
            }
            Self::Token => const { &[by_network!("token", 10)] },
            Self::Refresh => const { &[by_network!("refresh", 1)] },
            Self::RefreshSession => const { &[&[counter("refresh-session", CountBy::RenewedSession, 1)]] },
            Self::VerifyMail => const { &[&[counter("verify-mail", CountBy::Account, 1)], MAIL_BY_ADDRESS] },
            Self::ResetMail => const { &[&[counter("reset-mail", CountBy::Account, 1)], MAIL_BY_ADDRESS] },
            Self::ChangeMail => const { &[&[counter("change-mail", CountBy::Account, 1)], MAIL_BY_ADDRESS] },
            Self::Register => {
                const { &[by_network!("register", 1), &[counter("register-account", CountBy::Account, 1)]] }
            }
        }
    }

    /// Returns true when a counter needs data of the body. Then the limit can be checked only after the body is read.
    #[must_use]
    pub fn needs_body(self) -> bool {
        let is_in_body = |by| {
            matches!(
                by,
                CountBy::Account | CountBy::NetworkAndAccount | CountBy::BlockAndAccount(_) | CountBy::RenewedSession
            )
        };
        self.counters().any(|counter| is_in_body(counter.by))
    }

    /// Returns true when a counter needs the credential of the request. Then the limit can be checked only after the
    /// request is authenticated.
    #[must_use]
    pub fn needs_credential(self) -> bool {
        self.counters().any(|counter| matches!(counter.by, CountBy::Credential | CountBy::User))
    }
}

/// Configured quotas by kind of request. `None` means unlimited.
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
    /// See [`Limit::Import`].
    pub import: Option<Quota>,
    /// See [`Limit::Dav`].
    pub dav: Option<Quota>,
    /// See [`Limit::AppPassword`].
    pub app_password: Option<Quota>,
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
    /// Returns the quota of a limit.
    #[must_use]
    pub const fn of(&self, limit: Limit) -> Option<Quota> {
        match limit {
            Limit::Me => self.me,
            Limit::EndSession | Limit::Security => self.security,
            Limit::Contacts => self.contacts,
            Limit::ContactCreate => self.contact_create,
            Limit::ContactBatch => self.contact_batch,
            Limit::Import => self.import,
            Limit::Dav => self.dav,
            Limit::AppPassword => self.app_password,
            Limit::Login | Limit::Token => self.login,
            Limit::Refresh => self.refresh,
            Limit::RefreshSession => self.refresh_session,
            Limit::VerifyMail | Limit::ResetMail | Limit::ChangeMail => self.mail,
            Limit::Register => self.register,
        }
    }
}
