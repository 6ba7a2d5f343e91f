//! Errors of rows.

use thiserror::Error;

/// Error of a row, with its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct RowError {
    /// Number of the first line of the row, from 1.
    pub line: usize,
    /// Reason of the error.
    pub problem: Problem,
}

/// Reason of a [`RowError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Problem {
    /// The file is no text. It has no further entries.
    #[error("the file is no text: export it as CSV")]
    NotText,
    /// A cell begins with a quote that is never closed. Reading continues in the next line.
    #[error("a cell begins with a quote that is not closed")]
    OpenQuote,
    /// The row follows an open quote, and has not as many cells as the first row: it may be a part of a text.
    #[error("the row follows a quote that is not closed and has other columns")]
    OtherColumns,
    /// See [`Limits::row_bytes`](crate::Limits::row_bytes).
    #[error("the row has more than {max} bytes")]
    RowTooLarge {
        /// The bound.
        max: usize,
    },
    /// See [`Limits::cell_bytes`](crate::Limits::cell_bytes).
    #[error("a cell has more than {max} bytes")]
    CellTooLarge {
        /// The bound.
        max: usize,
    },
    /// See [`Limits::columns`](crate::Limits::columns).
    #[error("the row has more than {max} cells")]
    TooManyCells {
        /// The bound.
        max: usize,
    },
    /// All values of the row are in columns that are not read.
    #[error("the row has no value in a column that is read")]
    NoValue,
}
