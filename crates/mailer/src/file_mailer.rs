//! Mails as files, where no mail server is set.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use domain::mail::{MailError, Mailer, OutgoingMail};
use lettre::message::Mailbox;
use tokio::task::spawn_blocking;

use crate::{
    InvalidMailSettings, Renderer, SendError,
    message::{Transfer, compose, parse_sender},
    renderer::kind,
};

/// Where mails are kept, and whom they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMailerSettings {
    /// The folder; made, for its owner only, when the first mail comes.
    pub folder: PathBuf,
    /// The sender's mailbox, `Contacts <no-reply@example.com>`.
    pub from: String,
}

/// Keeps each mail as `<folder>/<when it was asked for, UTC>-<kind>-<id>.eml`, readable by its owner
/// only, because the links inside open accounts. A second try takes the first one's place.
pub struct FileMailer {
    renderer: Renderer,
    sender: Mailbox,
    folder: PathBuf,
}

impl FileMailer {
    /// A mailer into this folder; touches nothing yet.
    ///
    /// # Errors
    /// `From`, when it is no mailbox.
    pub fn new(settings: FileMailerSettings, renderer: Renderer) -> Result<Self, InvalidMailSettings> {
        let FileMailerSettings { folder, from } = settings;
        Ok(Self { renderer, sender: parse_sender(&from)?, folder })
    }

    /// The folder that holds the mails.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[async_trait]
impl Mailer for FileMailer {
    #[tracing::instrument(target = "spans", name = "write mail", skip_all, fields(otel.kind = "producer"))]
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = compose(&self.sender, mail, self.renderer.render(mail)?, Transfer::AsIs)?;
        let when = mail.requested_at.format("%Y%m%dT%H%M%SZ");
        let path = self.folder.join(format!("{when}-{}-{}.eml", kind(&mail.content).as_str(), mail.id));
        let written = spawn_blocking(move || write_whole(&path, &message.formatted())).await;
        // `into` leaves out the words of a panic: they may hold some of the mail.
        let written = written.unwrap_or_else(|error| Err(error.into()));
        Ok(written.map_err(SendError::Folder)?)
    }
}

/// Readers see the whole mail or none, and after `Ok` it outlives a power cut.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    make_private(folder)?;
    let mut file = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The name lives in the folder, and the folder has its own place on the disk.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// Only the last folder is private: the ones above may hold what others read.
fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
