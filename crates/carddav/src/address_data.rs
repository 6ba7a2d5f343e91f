//! The part of a card that a request asks for.

use std::borrow::Cow;

use vcard::{ContentLine, Lexer, Version};

use crate::card_property::CardProperty;

/// The element `address-data` of a request (RFC 6352, 10.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressData {
    /// Version of the card in the answer: 3.0 or 4.0.
    pub version: Version,
    /// Properties of the card in the answer; `None` for the whole card.
    pub parts: Option<Vec<CardPart>>,
}

/// A property of a card that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPart {
    /// Name of the property.
    pub property: CardProperty,
    /// True when the answer has the name and the parameters only.
    pub without_value: bool,
}

impl AddressData {
    /// Lines without which a text is no card.
    const FRAME: [&'static str; 3] = ["BEGIN", "VERSION", "END"];

    /// Returns the lines of a card that the request asks for, unchanged.
    #[must_use]
    pub fn select<'a>(&self, card: &'a str) -> Cow<'a, str> {
        let Some(parts) = &self.parts else {
            return Cow::Borrowed(card);
        };
        let mut selected = String::new();
        for line in Lexer::new(card) {
            let is_frame = Self::FRAME.iter().any(|name| line.is(name));
            match parts.iter().find(|part| part.property.is_in(&line)) {
                Some(part) if part.without_value && !is_frame => selected.push_str(&without_value(&line)),
                found if is_frame || found.is_some() => selected.push_str(line.raw()),
                _ => {}
            }
        }
        Cow::Owned(selected)
    }
}

/// Returns the head of a line, with its colon and its line end.
fn without_value(line: &ContentLine<'_>) -> String {
    let raw = line.raw();
    let content = raw.trim_end_matches(['\r', '\n']);
    let line_end = raw.strip_prefix(content).unwrap_or_default();
    let head = content.strip_suffix(line.raw_value()).unwrap_or(content);
    [head, line_end].concat()
}
