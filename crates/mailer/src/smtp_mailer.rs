//! Mail delivery over SMTP.

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

/// Maximum timeout: the port requires a result within 30 seconds.
const MAX_TIMEOUT: Duration = Duration::from_secs(25);

/// Timeout of QUIT. The mail is accepted by then, so a slow answer must not fail the delivery.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Settings of [`SmtpMailer`].
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// URL with `smtps://`, `smtp+starttls://` (STARTTLS required) or `smtp://` (no TLS; rejected with a password
    /// unless the server is on this machine), and `user:password@host:port`.
    pub url: SecretString,
    /// The sender's mailbox, `Contacts <no-reply@example.com>`.
    pub from: String,
    /// Timeout of one mail, including the connection. At most 25 s; larger values are reduced to 25 s.
    pub timeout: Duration,
}

impl SmtpSettings {
    /// Default timeout of one mail.
    pub const TIMEOUT: Duration = Duration::from_secs(20);
}

/// Sends mails to an SMTP server.
///
/// Each mail uses a new connection. Mails are few, and no stale connection can fail one. It also shows whether a 5xx is
/// about the mail (permanent) or about the operator's account (transient).
pub struct SmtpMailer {
    renderer: Renderer,
    sender: Mailbox,
    server: SmtpServer,
    tls: Option<TlsParameters>,
    hello: ClientId,
    timeout: Duration,
}

impl SmtpMailer {
    /// Creates a mailer. Does not connect yet.
    ///
    /// # Errors
    /// See [`InvalidMailSettings`], which names the setting to fix.
    pub fn new(settings: &SmtpSettings, renderer: Renderer) -> Result<Self, InvalidMailSettings> {
        let server = SmtpServer::parse(settings.url.expose_secret())?;
        let tls = match server.protection {
            Protection::Plain => None,
            Protection::StartTls | Protection::Tls => {
                Some(TlsParameters::new(server.host.clone()).map_err(InvalidMailSettings::Tls)?)
            }
        };
        let sender = parse_sender(&settings.from)?;
        let timeout = settings.timeout.min(MAX_TIMEOUT);
        Ok(Self { renderer, sender, server, tls, hello: ClientId::default(), timeout })
    }

    async fn deliver(&self, message: &Message) -> Result<AsyncSmtpConnection, SendError> {
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
        let implicit_tls = self.tls.clone().filter(|_| *protection == Protection::Tls);
        let address = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.timeout), &self.hello, implicit_tls, None).await?;
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
        let delivered = timeout(self.timeout, self.deliver(&message)).await;
        let mut connection = delivered.map_err(|_| SendError::TimedOut)??;
        // Without an answer the connection is dropped.
        let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
        Ok(())
    }
}
