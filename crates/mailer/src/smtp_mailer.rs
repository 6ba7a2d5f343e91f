//! Mails to an SMTP server.

use std::time::Duration;

use async_trait::async_trait;
use domain::mail::{MailError, Mailer, OutgoingMail};
use lettre::{
    Message,
    message::Mailbox,
    transport::smtp::{
        self,
        authentication::Mechanism,
        client::{AsyncSmtpConnection, TlsParameters},
        extension::{ClientId, Extension},
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use crate::{
    InvalidMailSettings, Renderer, SendError,
    message::{Transfer, compose, parse_sender},
    smtp_url::{Protection, SmtpServer},
};

/// The port promises an answer within half a minute.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(25);

/// The mail is taken by then; a server that is slow to say goodbye must not undo that.
const GOODBYE: Duration = Duration::from_secs(1);

/// Which server takes the mails, and whom they come from.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// `smtps://`, `smtp+starttls://` (STARTTLS or no mail) or `smtp://` (no TLS; refused with a
    /// password unless the server is on this machine), with `user:password@host:port`.
    pub url: SecretString,
    /// The sender's mailbox, `Contacts <no-reply@example.com>`.
    pub from: String,
    /// The time for one whole mail, connection included; more than 25 s is taken as 25 s.
    pub timeout: Duration,
}

impl SmtpSettings {
    /// A good time for one mail.
    pub const TIMEOUT: Duration = Duration::from_secs(20);
}

/// Sends mails to an SMTP server.
///
/// Each mail has a connection of its own: mails are few, no stale connection can fail one, and only so
/// is it known whether a 5xx speaks of the mail (permanent) or of the operator's account (transient).
pub struct SmtpMailer {
    renderer: Renderer,
    sender: Mailbox,
    server: SmtpServer,
    tls: Option<TlsParameters>,
    hello: ClientId,
    timeout: Duration,
}

impl SmtpMailer {
    /// A mailer to this server; does not connect yet.
    ///
    /// # Errors
    /// Says which setting to mend.
    pub fn new(settings: &SmtpSettings, renderer: Renderer) -> Result<Self, InvalidMailSettings> {
        let server = SmtpServer::parse(settings.url.expose_secret())?;
        let tls = match server.protection {
            Protection::Plain => None,
            Protection::StartTls | Protection::Tls => {
                Some(TlsParameters::new(server.host.clone()).map_err(InvalidMailSettings::Tls)?)
            }
        };
        let sender = parse_sender(&settings.from)?;
        let timeout = settings.timeout.min(LONGEST_TIMEOUT);
        Ok(Self { renderer, sender, server, tls, hello: ClientId::default(), timeout })
    }

    async fn hand_over(&self, message: &Message) -> Result<AsyncSmtpConnection, SendError> {
        let mut connection = self.connect().await.map_err(|error| SendError::server(&error))?;
        let needs_utf8 = !message.envelope().to().iter().all(|address| address.to_string().is_ascii());
        if needs_utf8 && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            connection.abort().await;
            return Err(SendError::NoInternationalMail);
        }
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        sent.map_err(|error| SendError::delivery(&error))?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let SmtpServer { protection, host, port, credentials } = &self.server;
        let tls_at_once = self.tls.clone().filter(|_| *protection == Protection::Tls);
        let address = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.timeout), &self.hello, tls_at_once, None).await?;
        if let (Protection::StartTls, Some(tls)) = (protection, self.tls.clone()) {
            connection.starttls(tls, &self.hello).await?;
        }
        if let Some(credentials) = credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    #[tracing::instrument(target = "spans", name = "send mail", skip_all, fields(otel.kind = "producer"))]
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = compose(&self.sender, mail, self.renderer.render(mail)?, Transfer::Encoded)?;
        let handed_over = timeout(self.timeout, self.hand_over(&message)).await;
        let mut connection = handed_over.map_err(|_| SendError::TimedOut)??;
        // Without an answer the connection is simply dropped.
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(())
    }
}
