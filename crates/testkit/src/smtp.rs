//! Fake SMTP server that records mails, with configurable misbehaviour.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
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
    misbehaviour: Option<(Stage, Misbehaviour)>,
    extensions: Vec<&'static str>,
    plain_sign_in: Option<&'static str>,
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

    fn tls(&self, implicit: bool) -> Option<TlsAcceptor> {
        let (tls, _) = self.tls.as_ref().filter(|(_, is_implicit)| *is_implicit == implicit)?;
        Some(TlsAcceptor::from(tls.config.clone()))
    }
}

/// An accepted mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceivedMail {
    /// The line after `MAIL FROM:`.
    pub sender: String,
    /// The lines after `RCPT TO:`.
    pub receivers: Vec<String>,
    /// Headers and body as received, without dot-stuffing.
    pub message: Vec<u8>,
    /// True when it was received over TLS.
    pub was_protected: bool,
}

#[derive(Default)]
struct Log {
    mails: Mutex<Vec<ReceivedMail>>,
    commands: Mutex<Vec<String>>,
}

/// The running server. It stops when it is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    log: Arc<Log>,
    task: JoinHandle<()>,
}

impl SmtpSink {
    /// Starts a server with that behaviour.
    pub async fn start(script: SmtpScript) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let task = tokio::spawn(accept(listener, script, log.clone()));
        Self { address, log, task }
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the accepted mails, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.log.mails.lock().unwrap().clone()
    }

    /// Returns the received command lines, in order, including rejected ones.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.log.commands.lock().unwrap().clone()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, script: SmtpScript, log: Arc<Log>) {
    // Dropped with this task, which closes all connections.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (script, log) = (script.clone(), log.clone());
        connections.spawn(async move {
            // A disconnecting client is not an error.
            let _ = converse(stream, script, &log).await;
        });
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Conversation<'a> {
    wire: BufStream<Box<dyn Wire>>,
    script: SmtpScript,
    log: &'a Log,
    mail: ReceivedMail,
    is_signed_in: bool,
}

async fn converse(stream: TcpStream, script: SmtpScript, log: &Log) -> io::Result<()> {
    let (wire, was_protected): (Box<dyn Wire>, bool) = match script.tls(true) {
        Some(acceptor) => (Box::new(acceptor.accept(stream).await?), true),
        None => (Box::new(stream), false),
    };
    let is_signed_in = script.plain_sign_in.is_none();
    let mail = ReceivedMail { was_protected, ..ReceivedMail::default() };
    let mut conversation = Conversation { wire: BufStream::new(wire), script, log, mail, is_signed_in };
    conversation.answer(Stage::Greeting, "220 sink.example ESMTP").await?;
    loop {
        let line = String::from_utf8_lossy(&conversation.line().await?).trim_end().to_owned();
        log.commands.lock().unwrap().push(line.clone());
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        if verb == "STARTTLS" && conversation.script.tls(false).is_some() {
            conversation = conversation.protect().await?;
        } else if verb == "QUIT" {
            return conversation.answer(Stage::Goodbye, "221 bye").await;
        } else {
            conversation.execute(&verb, &line).await?;
        }
    }
}

impl Conversation<'_> {
    async fn execute(&mut self, verb: &str, line: &str) -> io::Result<()> {
        let after_colon = line.split_once(':').map_or("", |(_, rest)| rest);
        match verb {
            "EHLO" => self.hello().await,
            "AUTH" => self.sign_in(line).await,
            _ if !self.is_signed_in => self.reply("530 5.7.0 authentication required").await,
            "MAIL" => {
                let ReceivedMail { was_protected, .. } = self.mail;
                self.mail = ReceivedMail { sender: after_colon.to_owned(), was_protected, ..ReceivedMail::default() };
                self.answer(Stage::Sender, "250 ok").await
            }
            "RCPT" => {
                self.mail.receivers.push(after_colon.to_owned());
                self.answer(Stage::Receiver, "250 ok").await
            }
            "DATA" => self.take_mail().await,
            "NOOP" | "RSET" => self.reply("250 ok").await,
            _ => self.reply("502 what?").await,
        }
    }

    async fn hello(&mut self) -> io::Result<()> {
        let mut lines = vec!["sink.example"];
        lines.extend(&self.script.extensions);
        if !self.mail.was_protected && self.script.tls(false).is_some() {
            lines.push("STARTTLS");
        }
        let last = lines.len() - 1;
        let reply: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(at, line)| format!("250{}{line}", if at == last { ' ' } else { '-' }))
            .collect();
        self.answer(Stage::Hello, &reply.join("\r\n")).await
    }

    async fn sign_in(&mut self, line: &str) -> io::Result<()> {
        self.is_signed_in =
            line.strip_prefix("AUTH PLAIN ").is_some_and(|plain| Some(plain) == self.script.plain_sign_in);
        let reply = if self.is_signed_in { "235 welcome" } else { "535 5.7.8 wrong credentials" };
        self.answer(Stage::SignIn, reply).await
    }

    async fn take_mail(&mut self) -> io::Result<()> {
        self.answer(Stage::Data, "354 go on").await?;
        if self.script.misbehaviour.is_some_and(|(stage, _)| stage == Stage::Data) {
            return Ok(());
        }
        loop {
            let line = self.line().await?;
            if line == b".\r\n" {
                break;
            }
            self.mail.message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if self.script.misbehaviour.is_some_and(|(stage, _)| stage == Stage::MidMail) {
                return self.answer(Stage::MidMail, "").await;
            }
        }
        if self.script.misbehaviour.is_none_or(|(stage, _)| stage != Stage::MailEnd) {
            self.log.mails.lock().unwrap().push(self.mail.clone());
        }
        self.answer(Stage::MailEnd, "250 taken").await
    }

    async fn protect(mut self) -> io::Result<Self> {
        self.reply("220 go ahead").await?;
        let acceptor = self.script.tls(false).unwrap();
        let wire: Box<dyn Wire> = Box::new(acceptor.accept(self.wire.into_inner()).await?);
        self.wire = BufStream::new(wire);
        self.mail.was_protected = true;
        Ok(self)
    }

    /// Sends the misbehaviour of this stage, or the regular reply.
    async fn answer(&mut self, at: Stage, reply: &str) -> io::Result<()> {
        match self.script.misbehaviour {
            Some((stage, Misbehaviour::Answers(line))) if stage == at => self.reply(line).await,
            Some((stage, Misbehaviour::Hangs)) if stage == at => std::future::pending().await,
            Some((stage, Misbehaviour::Drops)) if stage == at => Err(io::ErrorKind::ConnectionAborted.into()),
            _ => self.reply(reply).await,
        }
    }

    async fn reply(&mut self, line: &str) -> io::Result<()> {
        self.wire.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.wire.flush().await
    }

    async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        match self.wire.read_until(b'\n', &mut line).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }
}
