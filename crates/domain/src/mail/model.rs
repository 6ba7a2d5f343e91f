//! Mails in the outbox.

use std::net::IpAddr;

use chrono::Duration;

use crate::{
    account::Email,
    ids::{MailId, UserId},
    time::Timestamp,
};

/// Kinds of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Asks to verify the e-mail address of a new account.
    VerifyEmail,
    /// Offers a link to set a new password.
    ResetPassword,
    /// Asks to verify the pending e-mail.
    ConfirmEmail,
    /// Notifies the current e-mail of a requested change. Addressed to a user by id.
    EmailChangeNotice,
    /// Notifies the old e-mail that it was replaced, with a link that restores it.
    EmailChanged,
    /// Reports a change of the password with the old one.
    PasswordChanged,
    /// Reports a new password that was set through a mailed link.
    PasswordWasReset,
    /// Reports that a session was ended because one of its refresh tokens was reused.
    SessionEnded,
    /// Reports a sign-in from a new device.
    NewDevice,
    /// Reports wrong passwords.
    WrongPasswords,
}

impl MailKind {
    /// All values.
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

    /// Returns the name under which the kind is stored; also the name of its templates.
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

    /// Returns true for notices of an event of an account. They go to an e-mail that was verified when the event
    /// happened.
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

    /// Parses a stored name. Returns `None` for an unknown name.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Row of the outbox. It describes the request, not the text. The token is created when the mail is sent: so the
/// database contains no secret, and the lifetime of the token begins with the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Id; also the Message-ID of every attempt.
    pub id: MailId,
    /// Kind of the mail.
    pub kind: MailKind,
    /// E-mail address of the receiver.
    pub email: Email,
    /// User that the mail concerns. `None` means the user that has this e-mail when the mail is sent, or has it pending
    /// ([`MailKind::ConfirmEmail`]), if there is one.
    pub user: Option<UserId>,
    /// IP address of the client that caused a notice.
    pub client_ip: Option<IpAddr>,
    /// Time of the request.
    pub requested_at: Timestamp,
    /// Number of started attempts to send.
    pub attempts: u32,
}

impl Mail {
    /// Creates a mail to the user that has this e-mail when it is sent.
    #[must_use]
    pub const fn new(id: MailId, requested_at: Timestamp, kind: MailKind, email: Email) -> Self {
        Self { id, kind, email, user: None, client_ip: None, requested_at, attempts: 0 }
    }
}

/// Maximum number of attempts. After them a mail is parked: stored and counted, but not retried.
pub const MAX_ATTEMPTS: u32 = 12;

/// Retention of a parked mail, for inspection. It is limited because the row contains an e-mail address.
pub const PARKED_RETENTION: Duration = Duration::days(30);

/// Maximum number of mails to an e-mail address in any 24 hours while no account has verified it. It includes mails of
/// every kind and from every requester.
pub const MAILS_TO_UNVERIFIED: u16 = 6;

/// Maximum number of [`MailKind::ConfirmEmail`] among [`MAILS_TO_UNVERIFIED`]. Any account can request them for the
/// e-mail of another person, and must not use up the mails that this person needs to register.
pub const CONFIRMATIONS_TO_UNVERIFIED: u16 = 3;

/// Period of [`MAILS_TO_UNVERIFIED`].
pub const UNVERIFIED_PERIOD: Duration = Duration::hours(24);

const MIN_PAUSE_SECONDS: i64 = 15;
const MAX_PAUSE_HOURS: i64 = 4;

/// Returns the pause after the given number of failed attempts: 15 s, then four times longer each time, at most 4 h.
/// All attempts of a mail together span more than a day.
#[must_use]
pub fn pause_after(attempts: u32) -> Duration {
    let factor = 4_i64.saturating_pow(attempts.saturating_sub(1));
    Duration::seconds(MIN_PAUSE_SECONDS.saturating_mul(factor).min(MAX_PAUSE_HOURS * 3600))
}
