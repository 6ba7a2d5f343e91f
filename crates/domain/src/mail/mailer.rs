//! The port that writes and sends a mail.

use std::net::IpAddr;

use async_trait::async_trait;

use super::MailId;
use crate::{
    account::{Email, Locale, Timezone, Username},
    secret::Secret,
    store::Source,
    time::Instant,
};

/// What a mail says.
#[derive(Debug, Clone)]
pub enum MailContent {
    /// Asks to prove the address.
    VerifyEmail {
        /// Goes into the link.
        token: Secret,
        /// When the link ends.
        expires_at: Instant,
    },
    /// Asks to prove an address that is to take the place of the old one.
    ConfirmEmail {
        /// The present address of the account: it names the account to whoever reads the mail.
        account: Email,
        /// Goes into the link.
        token: Secret,
        /// When the link ends.
        expires_at: Instant,
    },
    /// Tells the old address that another one is wanted. Has no link.
    EmailChangeNotice,
    /// Reports to the old address that another one has taken its place.
    EmailChanged {
        /// Goes into the link, which takes the old address back.
        token: Secret,
        /// When the link ends.
        expires_at: Instant,
    },
    /// Reports a change of the password. Has no link.
    PasswordChanged,
    /// Reports a reset of the password. Has no link.
    PasswordWasReset,
    /// Reports that a session was ended for the reuse of a refresh token. Has no link.
    SessionEnded,
    /// Reports a sign-in from a new device. Has no link.
    NewDevice,
    /// Reports wrong passwords. Has no link.
    WrongPasswords,
    /// Offers to set a new password.
    ResetPassword {
        /// Goes into the link.
        token: Secret,
        /// When the link ends.
        expires_at: Instant,
    },
}

/// A mail ready to be written.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// The same for every try, so that a receiver can drop a second copy.
    pub id: MailId,
    /// The receiver's address.
    pub to: Email,
    /// The receiver's name; `None` when the receiver has not verified the address: a stranger may have chosen both.
    pub username: Option<Username>,
    /// The receiver's language.
    pub locale: Locale,
    /// The receiver's time zone, for times in the text.
    pub timezone: Timezone,
    /// When it was asked for.
    pub requested_at: Instant,
    /// The client that caused a notice.
    pub client_ip: Option<IpAddr>,
    /// What it says.
    pub content: MailContent,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The server is away or asks to try later.
    #[error("the mail was not taken now")]
    Transient(#[source] Source),
    /// The server will never take this mail.
    #[error("the mail was refused for good")]
    Permanent(#[source] Source),
}

/// Writes and sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Returns when a mail server (or the folder that stands for one) has taken the mail.
    ///
    /// # Errors
    /// `Transient` also on every time-out; an adapter never waits longer than half a minute.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError>;
}
