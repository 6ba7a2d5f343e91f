//! Writes a document into a text. Names come from this crate; all other text is escaped.

use super::chars::is_allowed;
use crate::name::{Name, Namespace};

/// Namespace of the element with a text for people in an error document.
pub(crate) const OWN_NAMESPACE: &str = "urn:x-contacts:dav";

/// Writer of a document. The prefixes of the known namespaces are declared at its root.
#[derive(Debug, Default)]
pub(crate) struct XmlWriter {
    text: String,
}

impl XmlWriter {
    /// Creates a writer, and begins the root element.
    pub(crate) fn begin(root: &str) -> Self {
        let mut writer = Self { text: r#"<?xml version="1.0" encoding="utf-8"?>"#.to_owned() };
        writer.text.push('\n');
        writer.push(&["<", root]);
        // Only `xml` is bound without a declaration, and only it may be bound to its namespace.
        for (_, prefix, uri) in Namespace::KNOWN.into_iter().filter(|(namespace, ..)| *namespace != Namespace::Xml) {
            writer.push(&[" xmlns:", prefix, "=\"", uri, "\""]);
        }
        writer.text.push('>');
        writer
    }

    /// Writes a start tag.
    pub(crate) fn open(&mut self, tag: &str) {
        self.push(&["<", tag, ">"]);
    }

    /// Writes an end tag.
    pub(crate) fn close(&mut self, tag: &str) {
        self.push(&["</", tag, ">"]);
    }

    /// Writes an element without content.
    pub(crate) fn empty(&mut self, tag: &str) {
        self.push(&["<", tag, "/>"]);
    }

    /// Writes an element with a text.
    pub(crate) fn leaf(&mut self, tag: &str, text: &str) {
        self.leaf_with(tag, &[], text);
    }

    /// Writes an element with attributes, and a text.
    pub(crate) fn leaf_with(&mut self, tag: &str, attributes: &[(&str, &str)], text: &str) {
        self.push(&["<", tag]);
        for (name, value) in attributes {
            self.push(&[" ", name, "=\""]);
            self.escape(value);
            self.text.push('"');
        }
        self.text.push('>');
        self.escape(text);
        self.close(tag);
    }

    /// Writes an element without content. Its name is from a request.
    pub(crate) fn empty_name(&mut self, name: &Name) {
        match (&name.namespace, name.namespace.prefix()) {
            (_, Some(prefix)) => self.push(&["<", prefix, ":", &name.local, "/>"]),
            (Namespace::Other(uri), None) => {
                self.push(&["<x:", &name.local, " xmlns:x=\""]);
                self.escape(uri);
                self.text.push_str("\"/>");
            }
            (_, None) => self.push(&["<", &name.local, "/>"]),
        }
    }

    /// Returns the number of bytes that are written and not taken.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Returns the written text. What follows is written into an empty one.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn push(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.text.push_str(part));
    }

    /// Writes text: escapes markup, and removes characters that XML does not allow. A CR is written as a reference,
    /// because readers change other ones to LF.
    fn escape(&mut self, text: &str) {
        let mut rest = text;
        while let Some((plain, after)) = rest.bytes().position(may_be_replaced).and_then(|at| rest.split_at_checked(at))
        {
            self.text.push_str(plain);
            let mut characters = after.chars();
            match characters.next() {
                Some('<') => self.text.push_str("&lt;"),
                Some('>') => self.text.push_str("&gt;"),
                Some('&') => self.text.push_str("&amp;"),
                Some('"') => self.text.push_str("&quot;"),
                Some('\r') => self.text.push_str("&#13;"),
                Some(other) if is_allowed(other) => self.text.push(other),
                _ => {}
            }
            rest = characters.as_str();
        }
        self.text.push_str(rest);
    }
}

/// Returns true for the first byte of each character that is not written as it is, and of some others.
fn may_be_replaced(byte: u8) -> bool {
    // U+FFFE and U+FFFF begin with 0xEF.
    matches!(byte, ..b' ' | b'<' | b'>' | b'&' | b'"' | 0xEF)
}
