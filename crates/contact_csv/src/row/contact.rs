//! A contact of a file, and what is not in it.

use vcard::Card;

/// A contact of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The values.
    pub card: Card,
    /// Values that are not in the card.
    pub warnings: Vec<Warning>,
}

/// A value of a row that is not in the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A date of birth that cannot be read.
    UnreadableBirthday {
        /// The value.
        value: String,
    },
    /// The row has more values than the first row has columns.
    ExtraCells {
        /// Number of values that are not read.
        count: usize,
    },
}
