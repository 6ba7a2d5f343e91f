//! Versions of vCard.

/// A version of vCard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// vCard 2.1 (versit, 1996), of old phones and of Outlook.
    V2_1,
    /// vCard 3.0 (RFC 2426).
    V3_0,
    /// vCard 4.0 (RFC 6350).
    V4_0,
}

impl Version {
    /// Returns the version that a VERSION line names. Other values are read as 3.0, which is the most common one.
    pub(crate) fn of(value: &str) -> Self {
        match value.trim() {
            "2.1" => Self::V2_1,
            "4.0" => Self::V4_0,
            _ => Self::V3_0,
        }
    }

    /// Returns the value of the VERSION line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2_1 => "2.1",
            Self::V3_0 => "3.0",
            Self::V4_0 => "4.0",
        }
    }
}
