//! Reads a file of contacts as a stream.

use vcard::{Charset, StreamDecoder};

use crate::{
    delimiter::Delimiter,
    error::{Problem, RowError},
    layout::Layout,
    options::ReadOptions,
    records::{Record, Records, first_row_length},
    row::{Contact, read_row},
};

/// Number of bytes that are decoded at once.
const CHUNK: usize = 16 * 1024;

/// A row of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Position in the file, from 0, without the names of the columns. Errors have a position, too.
    pub index: usize,
    /// Number of the first line, from 1.
    pub line: usize,
    /// The contact.
    pub contact: Result<Contact, RowError>,
}

/// Reader of one file. It stores at most one row of it, and 64 KiB to find the charset.
///
/// ```
/// # use contact_csv::{ReadOptions, Reader};
/// let mut reader = Reader::new(ReadOptions::default());
/// let mut entries = Vec::new();
/// for chunk in ["Vorname;E-Mail-", "Adresse\nLesia;lesia@example.com"] {
///     let mut rest = chunk.as_bytes();
///     while let Some(entry) = reader.next(&mut rest) {
///         entries.push(entry);
///     }
/// }
/// while let Some(entry) = reader.finish() {
///     entries.push(entry);
/// }
/// assert_eq!(entries[0].contact.as_ref().unwrap().card.emails[0].value, "lesia@example.com");
/// ```
pub struct Reader {
    options: ReadOptions,
    decoder: StreamDecoder,
    state: State,
    entries: usize,
}

enum State {
    /// Text until the first row is complete.
    Start(String),
    FirstRow(Records),
    Rows(Records, Layout),
    /// The file is no table of contacts, and its error is reported.
    Closed,
}

impl Reader {
    /// Creates a reader of one file.
    #[must_use]
    pub fn new(options: ReadOptions) -> Self {
        let decoder = StreamDecoder::new(&options.charset);
        Self { options, decoder, state: State::Start(String::new()), entries: 0 }
    }

    /// Reads from the front of `input` until a row is complete. Returns `None` when `input` is read, and more is needed.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Entry> {
        loop {
            if let Some(entry) = self.next_entry(false) {
                return Some(entry);
            }
            if input.is_empty() {
                return None;
            }
            let (piece, rest) = input.split_at_checked(CHUNK).unwrap_or((input, &[]));
            *input = rest;
            let text = self.decoder.decode(piece);
            self.push(&text);
        }
    }

    /// Ends the file. To be called until it returns `None`.
    pub fn finish(&mut self) -> Option<Entry> {
        let text = self.decoder.finish();
        self.push(&text);
        self.next_entry(true)
    }

    /// Returns the columns, as soon as the first row is read.
    #[must_use]
    pub fn layout(&self) -> Option<&Layout> {
        match &self.state {
            State::Rows(_, layout) => Some(layout),
            _ => None,
        }
    }

    /// Returns the charset, as soon as it is known.
    #[must_use]
    pub fn charset(&self) -> Option<Charset> {
        self.decoder.charset()
    }

    fn push(&mut self, text: &str) {
        match &mut self.state {
            State::Start(start) => start.push_str(text),
            State::FirstRow(records) | State::Rows(records, _) => records.push(text),
            State::Closed => {}
        }
    }

    fn next_entry(&mut self, is_last: bool) -> Option<Entry> {
        loop {
            match &mut self.state {
                State::Start(text) => {
                    let length = first_row_length(text.as_bytes());
                    let is_complete = length.is_some() || is_last || text.len() > self.options.limits.row_bytes;
                    if !is_complete {
                        return None;
                    }
                    if text.contains('\0') {
                        return Some(self.close(RowError { line: 1, problem: Problem::NotText }));
                    }
                    let text = std::mem::take(text);
                    self.state = State::FirstRow(self.records_of(&text, length));
                }
                State::FirstRow(records) => match next_record(records, is_last)? {
                    Err(error) => return Some(self.close(error)),
                    Ok(record) => {
                        let entry = self.begin_rows(&record);
                        if entry.is_some() {
                            return entry;
                        }
                    }
                },
                State::Rows(records, layout) => match next_record(records, is_last)? {
                    Err(error) => return Some(self.entry(error.line, Err(error))),
                    Ok(record) if is_foreign(&record, layout) => {
                        // A line of a text has one cell.
                        if record.len() > 1 {
                            let error = RowError { line: record.line, problem: Problem::OtherColumns };
                            return Some(self.entry(record.line, Err(error)));
                        }
                    }
                    Ok(record) => {
                        if let Some(contact) = read_row(&record, layout, &self.options) {
                            return Some(self.entry(record.line, contact));
                        }
                    }
                },
                State::Closed => return None,
            }
        }
    }

    fn entry(&mut self, line: usize, contact: Result<Contact, RowError>) -> Entry {
        let index = self.entries;
        self.entries += 1;
        Entry { index, line, contact }
    }

    fn close(&mut self, error: RowError) -> Entry {
        self.state = State::Closed;
        self.entry(error.line, Err(error))
    }

    /// Finds the delimiter, and begins with the first row.
    fn records_of(&self, text: &str, length: Option<usize>) -> Records {
        let first = text.as_bytes().get(..length.unwrap_or(text.len())).unwrap_or_default();
        let declared = Delimiter::declared_in(first);
        let chosen = self.options.delimiter.or(declared);
        let delimiter = chosen.unwrap_or_else(|| Delimiter::most_frequent_in(first));
        let mut records = Records::new(self.options.limits, delimiter);
        records.push(text);
        if declared.is_some() {
            records.skip_line();
        }
        records
    }

    /// Reads the names of the columns. Returns the first contact of a file without them.
    fn begin_rows(&mut self, record: &Record) -> Option<Entry> {
        let State::FirstRow(records) = std::mem::replace(&mut self.state, State::Closed) else {
            return None;
        };
        let layout = Layout::new(record, records.delimiter(), &self.options);
        let contact = if layout.has_header { None } else { read_row(record, &layout, &self.options) };
        self.state = State::Rows(records, layout);
        contact.map(|contact| self.entry(record.line, contact))
    }
}

fn next_record(records: &mut Records, is_last: bool) -> Option<Result<Record, RowError>> {
    if is_last { records.finish() } else { records.next() }
}

/// Returns true for a line of a text that began with an open quote, such as a note: it has other cells than a contact.
fn is_foreign(record: &Record, layout: &Layout) -> bool {
    record.is_retried && (record.len() != layout.columns.len() || record.len() == 1)
}

/// Reads a whole file.
pub fn read(file: &[u8], options: ReadOptions) -> impl Iterator<Item = Entry> + use<'_> {
    let mut reader = Reader::new(options);
    let mut rest = file;
    std::iter::from_fn(move || reader.next(&mut rest).or_else(|| reader.finish()))
}
