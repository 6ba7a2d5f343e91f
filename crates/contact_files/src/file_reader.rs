//! Reads a file of contacts as a stream.

use domain::contact::import::ImportEntry;

use crate::{
    csv_file::CsvFile,
    options::{FileFormat, FileOptions},
    summary::FileSummary,
    vcard_file::VcardFile,
};

/// Reader of one file. It stores at most one entry of it, and 64 KiB to find the charset.
///
/// ```
/// # use contact_files::{FileFormat, FileOptions, FileReader, TableOptions};
/// let mut reader = FileReader::new(FileOptions {
///     format: FileFormat::Csv,
///     charset: None,
///     locale: None,
///     table: TableOptions::default(),
///     today: "2026-11-21".parse().unwrap(),
/// });
/// let mut entries = Vec::new();
/// for chunk in ["First Name,E-mail 1 - ", "Value\nLesia,lesia@example.com"] {
///     let mut rest = chunk.as_bytes();
///     while let Some(entry) = reader.next(&mut rest) {
///         entries.push(entry);
///     }
/// }
/// while let Some(entry) = reader.finish() {
///     entries.push(entry);
/// }
/// assert_eq!(entries[0].name.as_deref(), Some("Lesia"));
/// ```
pub struct FileReader(Source);

enum Source {
    Vcard(Box<VcardFile>),
    Csv(Box<CsvFile>),
}

impl FileReader {
    /// Creates a reader of one file.
    #[must_use]
    pub fn new(options: FileOptions) -> Self {
        Self(match options.format {
            FileFormat::Vcard => Source::Vcard(Box::new(VcardFile::new(options))),
            FileFormat::Csv => Source::Csv(Box::new(CsvFile::new(options))),
        })
    }

    /// Reads from the front of `input` until an entry is complete. Returns `None` when `input` is read, and more is
    /// needed.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<ImportEntry> {
        match &mut self.0 {
            Source::Vcard(file) => file.next(input),
            Source::Csv(file) => file.next(input),
        }
    }

    /// Ends the file. To be called until it returns `None`.
    pub fn finish(&mut self) -> Option<ImportEntry> {
        match &mut self.0 {
            Source::Vcard(file) => file.finish(),
            Source::Csv(file) => file.finish(),
        }
    }

    /// Returns what is known of the file so far.
    #[must_use]
    pub fn summary(&self) -> FileSummary {
        match &self.0 {
            Source::Vcard(file) => file.summary(),
            Source::Csv(file) => file.summary(),
        }
    }
}
