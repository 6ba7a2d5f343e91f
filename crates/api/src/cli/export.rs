//! Command `export`: the contacts of a user, for the operator.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use contact_files::OutputVersion;
use domain::{
    Ports,
    account::Email,
    contact::{Filter, Sort},
    error::Source,
    use_cases::{contact::ContactExport, operator},
};
use local_files::{AtomicFile, Readers};

use super::{
    output::print,
    progress::{Progress, note},
};
use crate::{
    dto::{
        export_text::{ExportFormat, ExportText, FormatName},
        part_text::PartText as _,
    },
    settings::Settings,
    wiring::Wiring,
};

#[derive(Args)]
pub(super) struct ExportCommand {
    /// E-mail address of the account
    #[arg(long, value_name = "EMAIL", value_parser = |text: &str| Email::parse(text).map_err(|error| error.to_string()))]
    user: Email,
    /// Format of the file
    #[arg(long, value_enum, default_value = "vcard")]
    format: Format,
    /// Version of vCards
    #[arg(long, value_enum, default_value = "3.0")]
    version: Version,
    /// Writes the photos into vCards
    #[arg(long)]
    photos: bool,
    /// File to write, also over an existing one; `-` for standard output
    #[arg(default_value = "-")]
    file: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Vcard,
    Csv,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum Version {
    #[value(name = "3.0")]
    V3_0,
    #[value(name = "4.0")]
    V4_0,
}

impl ExportCommand {
    pub(super) async fn execute(self, settings: Settings) -> Result<(), Source> {
        let version = match self.version {
            Version::V3_0 => OutputVersion::V3_0,
            Version::V4_0 => OutputVersion::V4_0,
        };
        let name = match self.format {
            Format::Vcard => FormatName::Vcard,
            Format::Csv => FormatName::Csv,
            Format::Json => FormatName::Json,
        };
        let format = ExportFormat::new(name, version);
        let ports = Wiring::operator_ports(settings).await?;
        let account = operator::show_account(&ports, &self.user).await?;
        let extras = format.extras(self.photos);
        let export = ContactExport::new(account.user.id, Filter::default(), Sort::default(), extras);
        let progress = Progress::start("exporting", account.contacts);
        let task = Task { ports: &ports, format, progress };
        if self.file == Path::new("-") {
            let written = task.write(export, &mut StandardOutput).await?;
            note(&format!("exported {} contacts", written.contacts));
            return written.check();
        }
        let written = if is_special(&self.file) {
            task.write(export, &mut OpenOptions::new().write(true).open(&self.file)?).await?
        } else {
            // Of a link, the file behind it is replaced.
            let path = fs::canonicalize(&self.file).unwrap_or_else(|_| self.file.clone());
            let mut file = AtomicFile::create(&path, Readers::Owner)?;
            let written = task.write(export, &mut file).await?;
            file.complete()?;
            written
        };
        print(format!("exported {} contacts to {}\n", written.contacts, self.file.display()).as_bytes())?;
        written.check()
    }
}

/// Returns true for a device, a pipe or a folder, which must not be replaced by a file.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// Numbers of contacts.
struct Written {
    contacts: u64,
    unreadable: u64,
}

impl Written {
    /// Fails when a contact is missing in the file.
    fn check(&self) -> Result<(), Source> {
        match self.unreadable {
            0 => Ok(()),
            1 => Err("1 contact cannot be read, and is missing in the file".into()),
            several => Err(format!("{several} contacts cannot be read, and are missing in the file").into()),
        }
    }
}

struct Task<'a> {
    ports: &'a Ports,
    format: ExportFormat,
    progress: Progress,
}

impl Task<'_> {
    /// Writes all contacts of an export.
    async fn write(self, export: ContactExport, output: &mut impl Write) -> Result<Written, Source> {
        let Self { ports, format, progress } = self;
        let mut text = ExportText::begin(format);
        let mut unreadable = 0;
        let mut next = Some(export);
        while let Some(export) = next {
            let part = export.read(ports).await?;
            for exported in &part.contacts {
                if let Err(error) = text.write(exported, &*ports.picture_store) {
                    note(&error.to_string());
                    unreadable += 1;
                }
            }
            output.write_all(&text.take())?;
            progress.advance(part.contacts.len() as u64);
            next = part.rest;
        }
        text.end();
        output.write_all(&text.take())?;
        output.flush()?;
        Ok(Written { contacts: progress.finish().saturating_sub(unreadable), unreadable })
    }
}

/// Standard output, where a closed pipe (`| head`) is not an error.
struct StandardOutput;

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        print(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
