//! Errors of mail settings and of mail delivery.

use domain::mail::MailError;
use lettre::transport::smtp;

/// Invalid mail settings. Messages name the variable to fix, never its value.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMailSettings {
    /// The base URL of links in mails.
    #[error("PUBLIC_URL must be an http or https URL without a query, like https://contacts.example.com")]
    PublicUrl,
    /// The mailbox of the sender.
    #[error("MAIL_FROM must be a mailbox with an ASCII e-mail address, like `Contacts <no-reply@example.com>`")]
    From,
    /// The URL of the mail server.
    #[error("SMTP_URL {0}")]
    SmtpUrl(&'static str),
    /// The TLS configuration failed.
    #[error("SMTP_URL requires TLS, which cannot be configured for this host")]
    Tls(#[source] smtp::Error),
    /// A template is malformed, uses a variable that its mail does not have, or has an empty subject.
    #[error("a mail template is not valid")]
    Templates(#[source] tera::Error),
}

/// Errors of rendering and delivery; the source of a [`MailError`].
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// A template failed, or its subject is empty.
    #[error("rendering a mail template failed")]
    Template(#[from] tera::Error),
    /// The e-mail address of the receiver is not valid in a mail header.
    #[error("the e-mail address of the receiver is not valid in a mail header")]
    Address,
    /// Composing the message failed.
    #[error("composing the mail failed")]
    Message(#[from] lettre::error::Error),
    /// The e-mail address requires SMTPUTF8 (RFC 6531), which the server does not support.
    #[error("the e-mail address of the receiver requires SMTPUTF8, which the mail server does not support")]
    NoInternationalMail,
    /// The server rejected this mail permanently.
    #[error("the mail server rejected the mail: {0}")]
    Rejected(String),
    /// A transient failure of the server; a retry may succeed.
    #[error("the mail server failed: {0}")]
    Server(String),
    /// The timeout elapsed.
    #[error("the mail server did not answer in time")]
    TimedOut,
    /// Writing to the mail folder failed.
    #[error("writing the mail to its folder failed")]
    Folder(#[from] std::io::Error),
}

impl SendError {
    /// Converts an error of the connection or the authentication, which does not depend on the mail.
    pub(crate) fn server(error: &smtp::Error) -> Self {
        Self::Server(without_addresses(&error.to_string()))
    }

    /// Converts an error of the server's reply to the mail.
    pub(crate) fn delivery(error: &smtp::Error) -> Self {
        let text = without_addresses(&error.to_string());
        if error.is_permanent() && !is_authentication_error(error) { Self::Rejected(text) } else { Self::Server(text) }
    }
}

impl From<SendError> for MailError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Address | SendError::NoInternationalMail | SendError::Rejected(_) => {
                Self::Permanent(error.into())
            }
            // The next release may fix a broken template; the mail is still in the outbox then.
            SendError::Template(_)
            | SendError::Message(_)
            | SendError::Server(_)
            | SendError::TimedOut
            | SendError::Folder(_) => Self::Transient(error.into()),
        }
    }
}

/// True for replies (RFC 4954, 6) about the operator's credentials, not about the mail.
fn is_authentication_error(error: &smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(code.to_string().as_str(), "530" | "534" | "535" | "538"))
}

/// Replaces e-mail addresses, which servers repeat in their replies. Truncates to 200 characters.
fn without_addresses(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ").chars().take(200).collect()
}
