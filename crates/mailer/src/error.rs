//! What can be wrong with the settings, and with a mail.

use domain::mail::MailError;
use lettre::transport::smtp;

/// Settings with which no mail could ever be sent. Each says which variable to mend; none shows its value.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMailSettings {
    /// The address that links in mails lead to.
    #[error("PUBLIC_URL must be an http or https address without a query, like https://contacts.example.com")]
    PublicUrl,
    /// The sender.
    #[error("MAIL_FROM must be a mailbox in ASCII letters, like `Contacts <no-reply@example.com>`")]
    From,
    /// Not an address of a mail server.
    #[error("SMTP_URL {0}")]
    SmtpUrl(&'static str),
    /// TLS cannot be prepared.
    #[error("SMTP_URL asks for TLS, which cannot be prepared for this host")]
    Tls(#[source] smtp::Error),
    /// The templates inside the binary are broken.
    #[error("the mail templates cannot be read")]
    Templates(#[source] tera::Error),
}

/// Why a mail was not written or not sent; the source of a [`MailError`].
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// A template failed.
    #[error("a template could not be filled in")]
    Template(#[from] tera::Error),
    /// The receiver's address cannot stand in a mail.
    #[error("the receiver's address cannot be written in a mail")]
    Address,
    /// The mail cannot be put together.
    #[error("the mail could not be put together")]
    Message(#[from] lettre::error::Error),
    /// The address needs an extension (RFC 6531) that the server lacks.
    #[error("the receiver's address needs SMTPUTF8, which the mail server does not offer")]
    NoInternationalMail,
    /// The server refused the mail itself.
    #[error("the mail server refused the mail: {0}")]
    Refused(String),
    /// No mail could be handed over; another try may work.
    #[error("the mail server could not be used: {0}")]
    Server(String),
    /// The time was up.
    #[error("the mail server did not answer in time")]
    TimedOut,
    /// The folder could not be written to.
    #[error("the mail could not be written to its folder")]
    Folder(#[from] std::io::Error),
}

impl SendError {
    /// The connection or the sign-in failed: nothing is known about the mail.
    pub(crate) fn server(error: &smtp::Error) -> Self {
        Self::Server(without_addresses(&error.to_string()))
    }

    /// The server answered to the mail itself.
    pub(crate) fn delivery(error: &smtp::Error) -> Self {
        let text = without_addresses(&error.to_string());
        if error.is_permanent() && !asks_for_sign_in(error) { Self::Refused(text) } else { Self::Server(text) }
    }
}

impl From<SendError> for MailError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Address | SendError::NoInternationalMail | SendError::Refused(_) => {
                Self::Permanent(error.into())
            }
            // A broken template is mended by the next release, which still finds the mail in the outbox.
            SendError::Template(_)
            | SendError::Message(_)
            | SendError::Server(_)
            | SendError::TimedOut
            | SendError::Folder(_) => Self::Transient(error.into()),
        }
    }
}

/// Replies (RFC 4954, 6) that speak of the operator's credentials, not of the mail.
fn asks_for_sign_in(error: &smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(code.to_string().as_str(), "530" | "534" | "535" | "538"))
}

/// Servers repeat the receiver's address in their replies.
fn without_addresses(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ").chars().take(200).collect()
}
