//! Choices of the user for reading a file.

use chrono::NaiveDate;
use contact_csv::{ColumnKey, DateOrder, Delimiter, Field};
use vcard::Charset;

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// vCard 2.1, 3.0 or 4.0, with one card or many.
    Vcard,
    /// CSV, with one contact in each row.
    Csv,
}

impl FileFormat {
    /// Returns the name: `vcard` or `csv`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vcard => "vcard",
            Self::Csv => "csv",
        }
    }
}

/// Choices for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOptions {
    /// Format of the file.
    pub format: FileFormat,
    /// Charset of the file. `None`: it is detected.
    pub charset: Option<Charset>,
    /// Locale of the user, such as `uk`: a hint for the detection of the charset.
    pub locale: Option<String>,
    /// Choices for CSV. A vCard ignores them.
    pub table: TableOptions,
    /// The latest valid date of birth, see `Birthday::latest`.
    pub today: NaiveDate,
}

/// Choices for CSV. What is not chosen is detected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableOptions {
    /// Character between two cells.
    pub delimiter: Option<Delimiter>,
    /// Fields of columns. They have precedence over the names in the file.
    pub mapping: Vec<(ColumnKey, Field)>,
    /// True if the first row has the names of the columns, false if it is a contact.
    pub has_header: Option<bool>,
    /// Order of month and day in dates with slashes.
    pub date_order: Option<DateOrder>,
    /// True to append the values of unknown columns to the notes, as `column: value`.
    pub unknown_to_note: bool,
}
