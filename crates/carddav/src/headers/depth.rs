//! The header Depth (RFC 4918, 10.2).

use crate::error::HeaderError;

/// Levels of resources that a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The resource only.
    Zero,
    /// The resource and its members.
    One,
    /// The resource and all resources below it.
    Infinity,
}

impl Depth {
    /// Reads the header. Without it the depth is 0, the least one, because clients forget it.
    ///
    /// # Errors
    /// The value is neither 0, 1 nor infinity.
    pub fn parse(value: Option<&str>) -> Result<Self, HeaderError> {
        match value.map(str::trim) {
            None | Some("0") => Ok(Self::Zero),
            Some("1") => Ok(Self::One),
            Some(value) if value.eq_ignore_ascii_case("infinity") => Ok(Self::Infinity),
            Some(_) => Err(HeaderError::Depth),
        }
    }
}
