//! Choices of the user for reading a file.

use vcard::CharsetChoice;

use crate::{delimiter::Delimiter, field::Field, limits::Limits};

/// Choices of the user. The reader detects the others from the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Charset of the file.
    pub charset: CharsetChoice,
    /// Character between two cells.
    pub delimiter: Option<Delimiter>,
    /// True if the first row has the names of the columns, false if it is a contact.
    pub has_header: Option<bool>,
    /// Order of month and day in dates with slashes.
    pub date_order: Option<DateOrder>,
    /// Fields of columns. They have precedence over the names in the file.
    pub mapping: Vec<(ColumnKey, Field)>,
    /// True to append the values of unknown columns to the note, as `column: value`.
    pub unknown_to_note: bool,
    /// Bounds of a row.
    pub limits: Limits,
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnKey {
    /// Name in the first row, in any case.
    Name(String),
    /// Position, from 0.
    Position(usize),
}

/// Order of month and day in a date such as `02/03/1990`. A part above 12 is the day in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// As in the United States.
    MonthFirst,
    /// As in most of Europe.
    DayFirst,
}
