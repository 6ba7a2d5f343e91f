//! The port that composes and sends mails.

use std::net::IpAddr;

use async_trait::async_trait;

use super::ReportedAppPassword;
use crate::{
    account::{Email, Locale, Timezone, Username},
    error::Source,
    ids::MailId,
    secret::Secret,
    time::Timestamp,
};

/// Content of a mail.
#[derive(Debug, Clone)]
pub enum MailContent {
    /// Asks to verify the e-mail address of a new account.
    VerifyEmail {
        /// Token in the link.
        token: Secret,
        /// Expiry of the link.
        expires_at: Timestamp,
    },
    /// Asks to verify the pending e-mail, which replaces the current one.
    ConfirmEmail {
        /// Current e-mail of the account; identifies the account to the reader of the mail.
        account: Email,
        /// Token in the link.
        token: Secret,
        /// Expiry of the link.
        expires_at: Timestamp,
    },
    /// Notifies the current e-mail address of a requested change. Has no link with a token.
    EmailChangeNotice,
    /// Notifies the old e-mail address that it was replaced.
    EmailChanged {
        /// Token in the link that restores the old e-mail.
        token: Secret,
        /// Expiry of the link.
        expires_at: Timestamp,
    },
    /// Reports a change of the password. Has no link with a token.
    PasswordChanged,
    /// Reports a reset of the password. Has no link with a token.
    PasswordWasReset,
    /// Reports that a session was ended for the reuse of a refresh token. Has no link.
    SessionEnded,
    /// Reports a sign-in from a new device. Has no link.
    NewDevice,
    /// Reports wrong passwords. Has no link.
    WrongPasswords,
    /// Reports a new app password. Has no link with a token.
    AppPasswordCreated(ReportedAppPassword),
    /// Offers a link to set a new password.
    ResetPassword {
        /// Token in the link.
        token: Secret,
        /// Expiry of the link.
        expires_at: Timestamp,
    },
}

/// Mail that is ready to be composed and sent.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// The same id for every attempt, so that the receiving server can drop duplicates.
    pub id: MailId,
    /// E-mail address of the receiver.
    pub to: Email,
    /// Name of the receiver. `None` when the receiver has not verified the e-mail: another person may have chosen both.
    pub username: Option<Username>,
    /// Language of the receiver.
    pub locale: Locale,
    /// Time zone of the receiver, for times in the text.
    pub timezone: Timezone,
    /// Time of the request.
    pub requested_at: Timestamp,
    /// IP address of the client that caused a notice.
    pub client_ip: Option<IpAddr>,
    /// Content of the mail.
    pub content: MailContent,
}

/// Errors of [`Mailer::send`].
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The server is unavailable, or asks to retry later.
    #[error("the mail was not accepted, retry later")]
    Transient(#[source] Source),
    /// The server rejected the mail permanently.
    #[error("the mail was rejected permanently")]
    Permanent(#[source] Source),
}

/// Composes and sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Returns after a mail server, or the folder that replaces one, has accepted the mail.
    ///
    /// # Errors
    /// `Transient` also on a timeout; an adapter never waits longer than 30 s.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError>;
}
