//! Mails written to files, for use without a mail server.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use domain::mail::{MailError, Mailer, OutgoingMail};
use lettre::message::Mailbox;
use local_files::{Readers, create_private_folder, write_atomically};
use tokio::{task::spawn_blocking, time::timeout};

use crate::{
    InvalidMailSettings, Renderer, SendError,
    message::{Transfer, compose, parse_sender},
    renderer::kind,
};

/// Maximum time for one mail. A folder of another machine may not answer.
const TIMEOUT: Duration = Duration::from_secs(25);

/// Settings of [`FileMailer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMailerSettings {
    /// The folder. The first mail creates it with access for its owner only.
    pub folder: PathBuf,
    /// The sender's mailbox, `Contacts <no-reply@example.com>`.
    pub from: String,
}

/// Writes each mail to `<folder>/<request time, UTC>-<kind>-<id>.eml`, readable by its owner only, since its links give
/// access to accounts. A retry replaces the file.
pub struct FileMailer {
    renderer: Renderer,
    sender: Mailbox,
    folder: PathBuf,
}

impl FileMailer {
    /// Creates a mailer. Does not access the folder yet.
    ///
    /// # Errors
    /// `From` when `settings.from` is not a mailbox.
    pub fn new(settings: FileMailerSettings, renderer: Renderer) -> Result<Self, InvalidMailSettings> {
        let FileMailerSettings { folder, from } = settings;
        Ok(Self { renderer, sender: parse_sender(&from)?, folder })
    }

    /// The folder with the mails.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[async_trait]
impl Mailer for FileMailer {
    #[tracing::instrument(target = "spans", name = "write mail", skip_all, fields(otel.kind = "producer"))]
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = compose(&self.sender, mail, self.renderer.render(mail)?, Transfer::Utf8)?;
        let requested_at = mail.requested_at.format("%Y%m%dT%H%M%SZ");
        let path = self.folder.join(format!("{requested_at}-{}-{}.eml", kind(&mail.content).as_str(), mail.id));
        let written = timeout(TIMEOUT, spawn_blocking(move || write(&path, &message.formatted()))).await;
        let written = written.unwrap_or_else(|_| Ok(Err(io::ErrorKind::TimedOut.into())));
        // `into` drops the message of a panic, which may contain parts of the mail.
        let written = written.unwrap_or_else(|error| Err(error.into()));
        Ok(written.map_err(SendError::Folder)?)
    }
}

fn write(path: &Path, mail: &[u8]) -> io::Result<()> {
    create_private_folder(path.parent().unwrap_or(path))?;
    write_atomically(path, mail, Readers::Owner)
}
