//! Errors of query parameters of simple types: booleans, whole numbers, tokens and names.

use super::Rejection;

/// Error of a query parameter of a simple type.
pub(crate) enum InvalidParameter {
    /// The text is neither `true` nor `false`.
    NotABoolean,
    /// The text is not the name of a format of an export.
    NotAnExportFormat,
    /// The text is not a version of vCard that the service writes.
    NotAVcardVersion,
    /// The text is not a sync token.
    NotASyncToken,
    /// The text is none of the accepted values.
    UnknownValue { accepted: &'static str },
    /// The text is not a mapping of columns.
    NotAMapping { reason: String },
    /// The text is not a whole number, or the number is out of bounds.
    OutOfRange { min: u64, max: u64 },
}

impl Rejection for InvalidParameter {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABoolean => "invalid-boolean",
            Self::NotAnExportFormat => "unknown-format",
            Self::NotAVcardVersion => "unknown-version",
            Self::NotASyncToken => "invalid-sync-token",
            Self::UnknownValue { .. } => "unknown-value",
            Self::NotAMapping { .. } => "invalid-mapping",
            Self::OutOfRange { .. } => "out-of-range",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotABoolean => "must be true or false".to_owned(),
            Self::NotAnExportFormat => "must be one of: vcard, csv, json".to_owned(),
            Self::NotAVcardVersion => "must be one of: 3.0, 4.0".to_owned(),
            Self::NotASyncToken => "must be a next of the changes; without one, leave the parameter out".to_owned(),
            Self::UnknownValue { accepted } => format!("must be {accepted}"),
            Self::NotAMapping { reason } => {
                format!("must be a JSON object from columns to fields, like {{\"Mobile\": \"phone.mobile\"}}: {reason}")
            }
            Self::OutOfRange { min, max } => format!("must be a whole number from {min} to {max}"),
        }
    }
}
