//! Splits a stream of text into rows of cells.

use csv_core::{ReadRecordResult, ReaderBuilder};

use crate::{
    delimiter::Delimiter,
    error::{Problem, RowError},
    limits::Limits,
};

/// Maximum number of rows with an open quote whose second line is read again as a row. Each of them reads at most
/// one row again, so the time stays linear.
const MAX_RETRIES: usize = 16;

/// A row of cells.
#[derive(Debug)]
pub(crate) struct Record {
    /// Number of the first line, from 1.
    pub line: usize,
    /// True for a row that was found in a row with an open quote.
    pub is_retried: bool,
    text: String,
    ends: Vec<usize>,
}

impl Record {
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.text.get(start..*end).unwrap_or_default())
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Rows of one file. It stores one row, and what was received after it.
pub(crate) struct Records {
    limits: Limits,
    delimiter: Delimiter,
    core: csv_core::Reader,
    /// Text from the start of the row.
    text: Vec<u8>,
    start: usize,
    position: usize,
    /// Line of `start`.
    lines: LineCounter,
    cells: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    ended: usize,
    /// True for a row that is an error already: the rest of it is skipped.
    is_skipping: bool,
    retries: usize,
    /// End of the text that is read again.
    retried_until: usize,
}

impl Records {
    pub(crate) fn new(limits: Limits, delimiter: Delimiter) -> Self {
        Self {
            limits,
            delimiter,
            core: ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            text: Vec::new(),
            start: 0,
            position: 0,
            lines: LineCounter::default(),
            cells: vec![0; 4096],
            written: 0,
            ends: vec![0; limits.columns.saturating_add(1)],
            ended: 0,
            is_skipping: false,
            retries: MAX_RETRIES,
            retried_until: 0,
        }
    }

    pub(crate) fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// Adds the next part of the file.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.drain(..self.start);
        self.position -= self.start;
        self.retried_until = self.retried_until.saturating_sub(self.start);
        self.start = 0;
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Ignores the next line.
    pub(crate) fn skip_line(&mut self) {
        let length = line_length(self.text.get(self.position..).unwrap_or_default());
        self.advance_start(self.position + length);
    }

    /// Returns the next row. `None` when more text is needed.
    pub(crate) fn next(&mut self) -> Option<Result<Record, RowError>> {
        loop {
            if self.position == self.start && !self.is_skipping {
                self.skip_line_ends();
            }
            // A row above the limit is found before it fills the memory.
            let room = (self.limits.row_bytes + 1).saturating_sub(self.position - self.start);
            let unread = self.text.get(self.position..).unwrap_or_default();
            let unread = unread.get(..room).unwrap_or(unread);
            if unread.is_empty() {
                return None;
            }
            let (cells, ends) = (self.cells.get_mut(self.written..)?, self.ends.get_mut(self.ended..)?);
            let (result, read, written, ended) = self.core.read_record(unread, cells, ends);
            self.position += read;
            self.written += written;
            self.ended += ended;
            let is_complete = result == ReadRecordResult::Record;
            if self.is_skipping {
                self.skip_rest(is_complete);
            } else if is_complete {
                return Some(self.take_record());
            } else if self.position - self.start > self.limits.row_bytes {
                return Some(Err(self.fail_open(Problem::RowTooLarge { max: self.limits.row_bytes })));
            } else if result == ReadRecordResult::OutputFull {
                self.cells.resize(self.cells.len() * 2, 0);
            } else if result == ReadRecordResult::OutputEndsFull {
                return Some(Err(self.fail_cells()));
            }
        }
    }

    /// Ends the file. To be called until it returns `None`.
    pub(crate) fn finish(&mut self) -> Option<Result<Record, RowError>> {
        if let Some(found) = self.next() {
            return Some(found);
        }
        if self.position == self.start || self.is_skipping {
            return None;
        }
        self.end_row()
    }

    /// Ends the last row, whose line end is missing. A line end inside of quotes ends nothing.
    fn end_row(&mut self) -> Option<Result<Record, RowError>> {
        self.cells.resize(self.written + 4, 0);
        let (cells, ends) = (self.cells.get_mut(self.written..)?, self.ends.get_mut(self.ended..)?);
        let (result, _, written, ended) = self.core.read_record(b"\n", cells, ends);
        self.written += written;
        self.ended += ended;
        Some(match result {
            ReadRecordResult::Record => self.take_record(),
            ReadRecordResult::OutputEndsFull => Err(self.fail_cells()),
            _ => Err(self.fail_open(Problem::OpenQuote)),
        })
    }

    fn take_record(&mut self) -> Result<Record, RowError> {
        let ends = self.ends.get(..self.ended).unwrap_or_default().to_vec();
        let text = self.cells.get(..self.written).unwrap_or_default().to_vec();
        let is_retried = self.start < self.retried_until;
        let lengths = std::iter::once(&0).chain(&ends).zip(&ends).map(|(start, end)| end - start);
        let (longest, max) = (lengths.max().unwrap_or_default(), self.limits.cell_bytes);
        let line = self.lines.line;
        let problem = if ends.len() > self.limits.columns {
            Some(Problem::TooManyCells { max: self.limits.columns })
        } else {
            (longest > max).then_some(Problem::CellTooLarge { max })
        };
        self.advance_start(self.position);
        match problem {
            Some(problem) => Err(RowError { line, problem }),
            // The text was UTF-8, and is divided beside ASCII characters only.
            None => Ok(Record { line, is_retried, text: String::from_utf8(text).unwrap_or_default(), ends }),
        }
    }

    fn error(&self, problem: Problem) -> RowError {
        RowError { line: self.lines.line, problem }
    }

    fn fail_cells(&mut self) -> RowError {
        let error = self.error(Problem::TooManyCells { max: self.limits.columns });
        self.skip_rest(false);
        error
    }

    /// Ends a row that is too large. If it has several lines, an open quote is the reason, and reading goes on in its
    /// second line.
    fn fail_open(&mut self, problem: Problem) -> RowError {
        let row = self.text.get(self.start..self.position).unwrap_or_default();
        let first_line = line_length(row);
        let has_lines = first_line < row.len();
        let error = self.error(if has_lines { Problem::OpenQuote } else { problem });
        if has_lines && self.retries > 0 {
            self.retries -= 1;
            self.retried_until = self.retried_until.max(self.position);
            self.core.reset();
            self.advance_start(self.start + first_line);
        } else {
            self.skip_rest(false);
        }
        error
    }

    /// Skips what was read of a row that is an error.
    fn skip_rest(&mut self, is_complete: bool) {
        self.is_skipping = !is_complete;
        self.advance_start(self.position);
    }

    fn skip_line_ends(&mut self) {
        let unread = self.text.get(self.position..).unwrap_or_default();
        let length = unread.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.advance_start(self.position + length);
    }

    /// Begins a row at `position`, which is in the text.
    fn advance_start(&mut self, position: usize) {
        self.lines.count(self.text.get(self.start..position).unwrap_or_default());
        self.start = position;
        self.position = position;
        self.written = 0;
        self.ended = 0;
    }
}

/// Returns the length of the first line, with its line end.
fn line_length(text: &[u8]) -> usize {
    text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).map_or(text.len(), |end| end + 1)
}

/// Returns the length of the first row that is not empty, with the empty lines before it. `None` when it is not
/// complete.
pub(crate) fn first_row_length(text: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_empty = true;
    let end = text.iter().position(|byte| {
        is_quoted ^= *byte == b'"';
        let is_line_end = matches!(byte, b'\r' | b'\n');
        is_empty &= is_line_end;
        is_line_end && !is_quoted && !is_empty
    });
    end.map(|end| end + 1)
}

/// Counts lines that end with LF, CR or CR LF.
struct LineCounter {
    line: usize,
    is_after_return: bool,
}

impl Default for LineCounter {
    fn default() -> Self {
        Self { line: 1, is_after_return: false }
    }
}

impl LineCounter {
    fn count(&mut self, text: &[u8]) {
        for byte in text {
            let is_second = *byte == b'\n' && self.is_after_return;
            self.line += usize::from(matches!(byte, b'\r' | b'\n') && !is_second);
            self.is_after_return = *byte == b'\r';
        }
    }
}
