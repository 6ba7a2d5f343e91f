//! Errors of query parameters of simple types: booleans, whole numbers and tokens.

use super::Rejection;

/// Error of a query parameter of a simple type.
pub(crate) enum InvalidParameter {
    /// The text is neither `true` nor `false`.
    NotABoolean,
    /// The text is not a sync token.
    NotASyncToken,
    /// The text is not a whole number, or the number is out of bounds.
    OutOfRange { min: u64, max: u64 },
}

impl Rejection for InvalidParameter {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABoolean => "invalid-boolean",
            Self::NotASyncToken => "invalid-sync-token",
            Self::OutOfRange { .. } => "out-of-range",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotABoolean => "must be true or false".to_owned(),
            Self::NotASyncToken => "must be a next of the changes; without one, leave the parameter out".to_owned(),
            Self::OutOfRange { min, max } => format!("must be a whole number from {min} to {max}"),
        }
    }
}
