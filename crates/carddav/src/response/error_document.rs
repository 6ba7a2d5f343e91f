//! The element `error` (RFC 4918, 14.5): a condition that a client can read.

use crate::{
    precondition::Precondition,
    xml::{OWN_NAMESPACE, XmlWriter},
};

/// Returns the document of an error: its condition, and a text for people. Programs ignore the text, which has a
/// namespace of its own, as in other servers.
#[must_use]
pub fn error_document(condition: Option<&Precondition>, message: &str) -> String {
    let mut xml = XmlWriter::begin("d:error");
    if let Some(condition) = condition {
        write_condition(&mut xml, condition);
    }
    xml.leaf_with("s:message", &[("xmlns:s", OWN_NAMESPACE)], message);
    xml.close("d:error");
    xml.take()
}

/// Writes the element `error` of a response, or of some of its properties.
pub(super) fn write_error(xml: &mut XmlWriter, condition: &Precondition) {
    xml.open("d:error");
    write_condition(xml, condition);
    xml.close("d:error");
}

/// Writes the element of a condition.
fn write_condition(xml: &mut XmlWriter, condition: &Precondition) {
    match condition {
        Precondition::NoUidConflict { href } => {
            xml.open(condition.tag());
            xml.leaf("d:href", href);
            xml.close(condition.tag());
        }
        Precondition::NeedPrivileges { href, privilege } => {
            xml.open(condition.tag());
            xml.open("d:resource");
            xml.leaf("d:href", href);
            xml.open("d:privilege");
            xml.empty(privilege.tag());
            xml.close("d:privilege");
            xml.close("d:resource");
            xml.close(condition.tag());
        }
        _ => xml.empty(condition.tag()),
    }
}
