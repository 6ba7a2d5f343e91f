//! The body of PROPFIND (RFC 4918, 9.1).

use super::selection::{Selection, SelectionReader};
use crate::{error::RequestError, xml::read_document};

/// Reads the body of a PROPFIND. An empty one asks for `allprop`.
///
/// # Errors
/// The body is not the XML of a PROPFIND, or outside of the limits.
pub fn parse_propfind(body: &[u8]) -> Result<Selection, RequestError> {
    if body.trim_ascii().is_empty() {
        return Ok(Selection::All { include: Vec::new() });
    }
    read_document(body, |elements, root| {
        if !root.name.is_dav("propfind") {
            return Err(RequestError::Unexpected("the body must be a propfind"));
        }
        let mut selection = SelectionReader::default();
        elements.for_each_child(|elements, child| selection.read(elements, child))?;
        selection.finish().ok_or(RequestError::Unexpected("the body must have one of allprop, propname and prop"))
    })
}
