//! Command `export`: the contacts of a user, for the operator.

use std::{
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
        if self.file == Path::new("-") {
            let count = write(&ports, export, format, progress, &mut StandardOutput).await?;
            note(&format!("exported {count} contacts"));
            return Ok(());
        }
        let mut file = AtomicFile::create(&self.file, Readers::Owner)?;
        let count = write(&ports, export, format, progress, &mut file).await?;
        file.complete()?;
        print(format!("exported {count} contacts to {}\n", self.file.display()).as_bytes())
    }
}

/// Writes all contacts of an export. Returns their number.
async fn write(
    ports: &Ports,
    export: ContactExport,
    format: ExportFormat,
    progress: Progress,
    output: &mut impl Write,
) -> Result<u64, Source> {
    let mut text = ExportText::begin(format);
    let mut next = Some(export);
    while let Some(export) = next {
        let part = export.read(ports).await?;
        part.contacts.iter().for_each(|exported| text.write(exported, &*ports.picture_store));
        output.write_all(&text.take())?;
        progress.advance(part.contacts.len() as u64);
        next = part.rest;
    }
    text.end();
    output.write_all(&text.take())?;
    output.flush()?;
    Ok(progress.finish())
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
