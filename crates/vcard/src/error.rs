//! Errors of a text that is not a card.

use thiserror::Error;

/// Error of a card, with its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line}: {problem}")]
pub struct ReadError {
    /// Number of the line, from 1.
    pub line: usize,
    /// Reason of the error.
    pub problem: Problem,
}

/// Reason of a [`ReadError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Problem {
    /// The text has no BEGIN:VCARD.
    #[error("there is no BEGIN:VCARD")]
    NoCard,
    /// The card has no END:VCARD before the next card or the end of the text.
    #[error("the card has no END:VCARD")]
    NoEnd,
    /// The text has more than one card.
    #[error("a second card begins here")]
    SecondCard,
    /// Lines of a file that belong to no card.
    #[error("these lines belong to no card")]
    OutsideCard,
    /// See [`Limits::card_bytes`](crate::Limits::card_bytes).
    #[error("the card has more than {max} bytes")]
    CardTooLarge {
        /// The bound.
        max: usize,
    },
    /// See [`Limits::line_bytes`](crate::Limits::line_bytes).
    #[error("the line has more than {max} bytes")]
    LineTooLong {
        /// The bound.
        max: usize,
    },
    /// See [`Limits::lines`](crate::Limits::lines).
    #[error("the card has more than {max} lines")]
    TooManyLines {
        /// The bound.
        max: usize,
    },
}

impl ReadError {
    /// Returns the error with the line counted from the start of a file, for a card that begins at line `first`.
    #[must_use]
    pub fn in_file(self, first: usize) -> Self {
        Self { line: self.line + first.saturating_sub(1), ..self }
    }
}
