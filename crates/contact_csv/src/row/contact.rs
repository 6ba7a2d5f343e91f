//! A contact of a file, and what is not in it.

use vcard::Card;

use crate::field::{AddressPart, Field};

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
    /// A value of a second column for a field that a contact has once. The first column has another value.
    SecondValue {
        /// The field. It is [`Field::Birthday`] for year, month and day that are beside a column with another date.
        field: Field,
        /// The value.
        value: String,
    },
    /// A value of a second column for a part of an address. The first column has another value.
    SecondAddressPart {
        /// Position of the address in the card, from 0.
        address: usize,
        /// The part.
        part: AddressPart,
        /// The value.
        value: String,
    },
}
