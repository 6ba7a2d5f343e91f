//! Bytes of a body as text.

use std::borrow::Cow;

use quick_xml::encoding::{decode, detect_encoding};

use super::chars::is_allowed;
use crate::{
    error::{RequestError, XmlError},
    limits::MAX_BODY_BYTES,
};

/// Decodes UTF-8 and UTF-16, with or without a byte order mark.
pub(super) fn decoded(body: &[u8]) -> Result<Cow<'_, str>, RequestError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(RequestError::BodyTooLarge);
    }
    let text = match detect_encoding(body) {
        Some(found) => {
            let content = body.get(found.bom_len()..).unwrap_or_default();
            decode(content, found.encoding()).map_err(|_| XmlError::Encoding)?
        }
        None => Cow::Borrowed(str::from_utf8(body).map_err(|_| XmlError::Encoding)?),
    };
    if text.chars().all(is_allowed) { Ok(text) } else { Err(XmlError::Character.into()) }
}

/// Returns true for an encoding in an XML declaration that the decoded text can have.
pub(super) fn is_served(label: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "utf-16", "utf-16le", "utf-16be"].iter().any(|own| own.eq_ignore_ascii_case(label))
}
