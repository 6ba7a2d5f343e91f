//! Conversation of the fake SMTP server with one client.

use std::io;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::TcpStream,
};

use super::{
    log::{Log, ReceivedMail},
    script::{Misbehaviour, SmtpScript, Stage},
};

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Conversation<'a> {
    wire: BufStream<Box<dyn Wire>>,
    script: SmtpScript,
    log: &'a Log,
    mail: ReceivedMail,
    is_signed_in: bool,
}

pub(super) async fn converse(stream: TcpStream, script: SmtpScript, log: &Log) -> io::Result<()> {
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
