//! Mails in the outbox.

use std::net::IpAddr;

use crate::{
    account::Email,
    app_password::{AppPasswordName, Scopes},
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
    /// Reports a new app password.
    AppPasswordCreated,
}

impl MailKind {
    /// All values.
    pub const ALL: [Self; 11] = [
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
        Self::AppPasswordCreated,
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
            Self::AppPasswordCreated => "app_password_created",
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
            | Self::WrongPasswords
            | Self::AppPasswordCreated => true,
        }
    }

    /// Parses a stored name. Returns `None` for an unknown name.
    #[must_use]
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// App password that a mail reports. It may have ended before the mail is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedAppPassword {
    /// Name that its owner has given it.
    pub name: AppPasswordName,
    /// Operations that it allows.
    pub scopes: Scopes,
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
    /// App password that a [`MailKind::AppPasswordCreated`] reports.
    pub app_password: Option<ReportedAppPassword>,
    /// Time of the request.
    pub requested_at: Timestamp,
    /// Number of started attempts to send.
    pub attempts: u32,
}

impl Mail {
    /// Creates a mail. Its receiver is the user who has this e-mail when the mail is sent.
    #[must_use]
    pub const fn new(id: MailId, requested_at: Timestamp, kind: MailKind, email: Email) -> Self {
        Self { id, kind, email, user: None, client_ip: None, app_password: None, requested_at, attempts: 0 }
    }
}
