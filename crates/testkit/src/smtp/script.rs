//! Behaviour of the fake SMTP server.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// Stage of an SMTP session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the greeting of the server.
    Greeting,
    /// After EHLO.
    Hello,
    /// After AUTH.
    SignIn,
    /// After MAIL FROM.
    Sender,
    /// After RCPT TO.
    Receiver,
    /// After DATA.
    Data,
    /// After the first line of the mail.
    MidMail,
    /// After the last line of the mail.
    MailEnd,
    /// After QUIT.
    Goodbye,
}

/// Misbehaviour of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Answers with this line.
    Answers(&'static str),
    /// Never answers.
    Hangs,
    /// Closes the connection.
    Drops,
}

/// Self-signed certificate for `localhost` and `127.0.0.1`.
#[derive(Clone)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    /// Certificate that a client must trust.
    pub certificate_pem: String,
}

impl ServerTls {
    /// Creates a self-signed certificate.
    #[must_use]
    pub fn self_signed() -> Self {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let issued = rcgen::generate_simple_self_signed(names).unwrap();
        let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key)
            .unwrap();
        Self { config: Arc::new(config), certificate_pem: issued.cert.pem() }
    }
}

/// Behaviour of the server. The default accepts every mail, without TLS and authentication.
#[derive(Clone, Default)]
pub struct SmtpScript {
    pub(super) misbehaviour: Option<(Stage, Misbehaviour)>,
    pub(super) extensions: Vec<&'static str>,
    pub(super) plain_sign_in: Option<&'static str>,
    tls: Option<(ServerTls, bool)>,
}

impl SmtpScript {
    /// Misbehaves at this stage.
    #[must_use]
    pub fn at(mut self, stage: Stage, misbehaviour: Misbehaviour) -> Self {
        self.misbehaviour = Some((stage, misbehaviour));
        self
    }

    /// Offers an extension, such as `SMTPUTF8`.
    #[must_use]
    pub fn offering(mut self, extension: &'static str) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Requires AUTH PLAIN with this base64 text (RFC 4616).
    #[must_use]
    pub fn requiring_sign_in(mut self, plain: &'static str) -> Self {
        self.plain_sign_in = Some(plain);
        self.offering("AUTH PLAIN LOGIN")
    }

    /// Offers STARTTLS.
    #[must_use]
    pub fn with_starttls(mut self, tls: ServerTls) -> Self {
        self.tls = Some((tls, false));
        self
    }

    /// Uses TLS from the first byte.
    #[must_use]
    pub fn with_tls(mut self, tls: ServerTls) -> Self {
        self.tls = Some((tls, true));
        self
    }

    pub(super) fn tls(&self, implicit: bool) -> Option<TlsAcceptor> {
        let (tls, _) = self.tls.as_ref().filter(|(_, is_implicit)| *is_implicit == implicit)?;
        Some(TlsAcceptor::from(tls.config.clone()))
    }
}
