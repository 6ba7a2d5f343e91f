//! Command `import`: contacts of a file for a user, for the operator.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use actix_web::web::Bytes;
use clap::{Args, ValueEnum};
use contact_files::{Charset, Delimiter, FileFormat, FileOptions, TableOptions};
use domain::{
    Ports,
    account::{Account, Email},
    client::ClientInfo,
    contact::{
        Birthday,
        import::{ImportMode, ImportOptions, ImportReport, ItemAction, MAX_FILE_BYTES},
    },
    error::Source,
    use_cases::{
        contact::{ImportStop, Importer, import_contacts},
        operator,
    },
};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::output::print;
use crate::{
    dto::import_report::{ImportErrorView, ImportReportView},
    import_file::ArrivingFile,
    settings::Settings,
    wiring::Wiring,
};

#[derive(Args)]
pub(super) struct ImportCommand {
    /// E-mail address of the account
    #[arg(long, value_name = "EMAIL", value_parser = |text: &str| Email::parse(text).map_err(|error| error.to_string()))]
    user: Email,
    /// vCard or CSV file: .vcf or .csv
    file: PathBuf,
    /// Reports what the import would do, and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// Treatment of contacts that exist already
    #[arg(long, value_enum, default_value = "skip")]
    mode: Mode,
    /// Format, if the name of the file does not end in .vcf or .csv
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Charset of the file, like utf-8 or windows-1251; detected by default
    #[arg(long, value_parser = |text: &str| Charset::from_label(text).ok_or("unknown charset"))]
    charset: Option<Charset>,
    /// Delimiter of a CSV file: comma, semicolon or tab; detected by default
    #[arg(long, value_parser = |text: &str| Delimiter::from_name(text).ok_or("must be comma, semicolon or tab"))]
    delimiter: Option<Delimiter>,
    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// They stay as they are
    Skip,
    /// They get the values of the file; values that the file does not have stay
    Update,
    /// They are not looked for: every entry becomes a new contact
    Add,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Vcard,
    Csv,
}

impl From<Mode> for ImportMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Skip => Self::Skip,
            Mode::Update => Self::Update,
            Mode::Add => Self::Add,
        }
    }
}

impl From<Format> for FileFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Vcard => Self::Vcard,
            Format::Csv => Self::Csv,
        }
    }
}

/// Returns the format that the name of a file has.
fn format_of(file: &Path) -> Option<FileFormat> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "vcf" | "vcard" => Some(FileFormat::Vcard),
        "csv" | "tsv" => Some(FileFormat::Csv),
        _ => None,
    }
}

/// Number of bytes that are read at once.
const PIECE: usize = 64 * 1024;

impl ImportCommand {
    pub(super) async fn execute(self, settings: Settings) -> Result<(), Source> {
        let format = self.format.map(FileFormat::from).or_else(|| format_of(&self.file));
        let format = format.ok_or("the name of the file does not end in .vcf or .csv: set --format")?;
        let file = File::open(&self.file).map_err(|error| format!("{}: {error}", self.file.display()))?;
        let length = file.metadata()?.len();
        if length > MAX_FILE_BYTES as u64 {
            return Err(format!("the file has more than {} MiB; divide it", MAX_FILE_BYTES / (1024 * 1024)).into());
        }
        let ports = Wiring::operator_ports(settings).await?;
        let Account { user, .. } = operator::show_account(&ports, &self.user).await?;
        let table = TableOptions { delimiter: self.delimiter, ..TableOptions::default() };
        let locale = Some(user.locale.as_str().to_owned());
        let today = Birthday::latest(ports.clock.now());
        let options = FileOptions { format, charset: self.charset, locale, table, today };
        let options_of_import = ImportOptions { mode: self.mode.into(), is_dry_run: self.dry_run };
        let client = ClientInfo::new(None, Some("operator, with contacts-api import"));
        let importer = Importer { owner: user.id, client: &client };
        self.import(&ports, importer, ArrivingFile::new(options, pieces(file, length)), options_of_import).await
    }

    async fn import(
        &self,
        ports: &Ports,
        importer: Importer<'_>,
        mut file: ArrivingFile<io::Error>,
        options: ImportOptions,
    ) -> Result<(), Source> {
        let (report, stop) = match import_contacts(ports, importer, &mut file, options, None).await {
            Ok(report) => (report, None),
            Err(error) => (error.report, Some(error.stop)),
        };
        let (failed, total) = (report.count(ItemAction::Failed), report.items.len());
        let text = if self.json {
            serde_json::to_string_pretty(&ImportReportView::new(report, file.into_summary()))? + "\n"
        } else {
            text_of(&report, options.is_dry_run)
        };
        print(text.as_bytes())?;
        match stop {
            Some(ImportStop::Source(error)) => Err(error.into()),
            Some(stop) => Err(stop.into()),
            None if failed > 0 => Err(format!("{failed} of {total} entries failed").into()),
            None => Ok(()),
        }
    }
}

/// Reads a file in pieces, beside the import, and shows the progress.
fn pieces(mut file: File, length: u64) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, pieces) = mpsc::channel(1);
    let bar = progress_bar(length);
    spawn_blocking(move || {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece);
            let sent = match read {
                Ok(0) => break,
                Ok(read) => {
                    bar.inc(read as u64);
                    sender.blocking_send(Ok(piece.into()))
                }
                Err(error) => sender.blocking_send(Err(error)),
            };
            // The import may have ended already.
            if sent.is_err() {
                break;
            }
        }
        bar.finish_and_clear();
    });
    pieces
}

/// Returns a progress bar. It is drawn on a terminal only.
fn progress_bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let style = ProgressStyle::with_template("importing {bar:40} {bytes}/{total_bytes}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Returns the report as text: a line for each entry that failed or lost a value, and the numbers.
fn text_of(report: &ImportReport, is_dry_run: bool) -> String {
    let mut text = String::new();
    for item in report.items.iter().filter(|item| !item.errors.is_empty()) {
        let name = item.name.as_deref().unwrap_or("without a name");
        let errors = item.errors.iter().map(ImportErrorView::from);
        let errors = errors.map(|error| format!("{} {}", error.pointer, error.detail).trim_start().to_owned());
        let errors = errors.collect::<Vec<_>>().join("; ");
        text += &format!("line {}, {name}: {errors}\n", item.line);
    }
    let [created, updated, skipped, failed] =
        [ItemAction::Created, ItemAction::Updated, ItemAction::Skipped, ItemAction::Failed]
            .map(|action| report.count(action));
    let note = if is_dry_run { " (dry run: nothing was changed)" } else { "" };
    text + &format!("created {created}, updated {updated}, skipped {skipped}, failed {failed}{note}\n")
}
