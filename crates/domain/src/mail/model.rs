//! A mail that waits in the outbox.

use std::net::IpAddr;

use chrono::Duration;

use crate::{
    Ports,
    account::{Email, User, UserId},
    client::ClientInfo,
    time::{Instant, id_type},
};

id_type! {
    /// Names a mail.
    MailId
}

/// Which mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Prove the address of a new account.
    VerifyEmail,
    /// Set a new password.
    ResetPassword,
    /// Prove the address that is to take the place of the old one.
    ConfirmEmail,
    /// Tell the old address that another one is wanted. Goes to a user by id.
    EmailChangeNotice,
    /// Report to the old address that another one has taken its place, with a link that takes it back.
    EmailChanged,
    /// Report that the password was changed, with the old one.
    PasswordChanged,
    /// Report that the password was set through a mailed link.
    PasswordWasReset,
    /// Report that a session was ended because one of its refresh tokens was used again.
    SessionEnded,
    /// Report a sign-in from a device that was not seen before.
    NewDevice,
    /// Report that wrong passwords were tried.
    WrongPasswords,
}

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::ConfirmEmail,
        Self::EmailChangeNotice,
        Self::EmailChanged,
        Self::PasswordChanged,
        Self::PasswordWasReset,
        Self::SessionEnded,
        Self::NewDevice,
        Self::WrongPasswords,
    ];

    /// The name it is stored under, and its templates' name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ConfirmEmail => "confirm_email",
            Self::EmailChangeNotice => "email_change_notice",
            Self::EmailChanged => "email_changed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordWasReset => "password_was_reset",
            Self::SessionEnded => "session_ended",
            Self::NewDevice => "new_device",
            Self::WrongPasswords => "wrong_passwords",
        }
    }

    /// Whether it reports what has happened to an account, to an address that the user had verified when it happened.
    #[must_use]
    pub const fn is_notice(self) -> bool {
        match self {
            Self::VerifyEmail | Self::ResetPassword | Self::ConfirmEmail => false,
            Self::EmailChangeNotice
            | Self::EmailChanged
            | Self::PasswordChanged
            | Self::PasswordWasReset
            | Self::SessionEnded
            | Self::NewDevice
            | Self::WrongPasswords => true,
        }
    }

    /// Takes back a name that a store kept; `None` for one that is none of ours.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A row of the outbox. It names what was asked for, not what will be written: the token is made
/// when the mail is sent, so that no secret lies in the database and its life begins with the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The id; the Message-ID of every try.
    pub id: MailId,
    /// What was asked for.
    pub kind: MailKind,
    /// Where it goes.
    pub address: Email,
    /// Whom it concerns; `None`: whoever has that address when it is sent, or wants it
    /// ([`MailKind::ConfirmEmail`]), if anybody.
    pub user: Option<UserId>,
    /// The client that caused a notice.
    pub client_ip: Option<IpAddr>,
    /// When it was asked for.
    pub requested_at: Instant,
    /// How often sending was begun.
    pub attempts: u32,
}

impl Mail {
    /// A new order, for whoever has that address.
    pub fn new(ports: &Ports, kind: MailKind, address: Email) -> Self {
        let (id, requested_at) = (MailId(ports.ids.next_id()), ports.clock.now());
        Self { id, kind, address, user: None, client_ip: None, requested_at, attempts: 0 }
    }

    /// A new order, for that user.
    pub fn to_user(ports: &Ports, kind: MailKind, address: Email, user: UserId) -> Self {
        Self { user: Some(user), ..Self::new(ports, kind, address) }
    }

    /// A notice to the present address of a user of what that client did.
    pub(crate) fn notice(ports: &Ports, kind: MailKind, user: &User, client: &ClientInfo) -> Self {
        Self { client_ip: client.ip, ..Self::to_user(ports, kind, user.email.clone(), user.id) }
    }
}

/// After so many tries a mail is parked: kept, counted, not tried again.
pub const MAX_ATTEMPTS: u32 = 12;

/// How long a parked mail is kept to be looked at: it holds an address.
pub const PARKED_RETENTION: Duration = Duration::days(30);

/// The most mails that go to an address in any 24 hours while no account has verified it, whatever their kind and
/// whoever asked for them.
pub const MAILS_TO_UNVERIFIED: u16 = 6;

/// The period of [`MAILS_TO_UNVERIFIED`].
pub const UNVERIFIED_PERIOD: Duration = Duration::hours(24);

const FIRST_PAUSE_SECONDS: i64 = 15;
const LONGEST_PAUSE_HOURS: i64 = 4;

/// The pause after the given number of failed tries: 15 s, four times longer each time, at most
/// 4 h. All the tries of a mail span more than a day.
#[must_use]
pub fn pause_after(attempts: u32) -> Duration {
    let factor = 4_i64.saturating_pow(attempts.saturating_sub(1));
    Duration::seconds(FIRST_PAUSE_SECONDS.saturating_mul(factor).min(LONGEST_PAUSE_HOURS * 3600))
}
