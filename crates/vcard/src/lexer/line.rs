//! A content line and its parts.

use std::borrow::Cow;

use super::{
    params::{Param, Params},
    physical::{split_at, unfold},
};

/// A content line: `group.NAME;PARAM=VALUE:value`, with its continuation lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentLine<'a> {
    number: usize,
    raw: &'a str,
    /// Unfolded text before the colon. `None` for a line without a colon.
    head: Option<Cow<'a, str>>,
    value: &'a str,
}

/// Encoding of a value, from the parameter ENCODING or from a bare word of vCard 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `BASE64` or `B`.
    Base64,
    /// `QUOTED-PRINTABLE` or `Q`.
    QuotedPrintable,
}

impl Encoding {
    pub(crate) fn of(word: &str) -> Option<Self> {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("BASE64") || is("B") {
            Some(Self::Base64)
        } else if is("QUOTED-PRINTABLE") || is("Q") {
            Some(Self::QuotedPrintable)
        } else {
            None
        }
    }
}

impl<'a> ContentLine<'a> {
    /// Creates a line. `raw` includes the line end, `content` does not.
    pub(super) fn new(number: usize, raw: &'a str, content: &'a str, head: &Head) -> Self {
        let Some(colon) = head.colon() else {
            return Self { number, raw, head: None, value: content };
        };
        let (before, after) = split_at(content, colon);
        Self { number, raw, head: Some(unfold(before)), value: after.strip_prefix(':').unwrap_or(after) }
    }

    /// Returns the number of the first physical line, from 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the text of the line as it was received, with continuation lines and line ends.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Returns the group, as in `item1.TEL`.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.path().rsplit_once('.').map(|(group, _)| group)
    }

    /// Returns the name of the property as it was received. Names ignore case. A line without a colon has no name.
    #[must_use]
    pub fn name(&self) -> &str {
        let path = self.path();
        path.rsplit_once('.').map_or(path, |(_, name)| name).trim()
    }

    /// Returns true when the property has this name, in any case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Returns the parameters.
    #[must_use]
    pub fn params(&self) -> Params<'_> {
        let head = self.head.as_deref().unwrap_or_default();
        Params::new(split_at(head, self.path().len()).1)
    }

    /// Returns the value of the first parameter with this name, without quotes.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().find(|param| param.name.eq_ignore_ascii_case(name)).and_then(|param| param.values().next())
    }

    /// Returns the value with its line breaks, neither unfolded nor decoded.
    #[must_use]
    pub fn raw_value(&self) -> &'a str {
        self.value
    }

    /// Returns the unfolded value, not decoded.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        unfold(self.value)
    }

    /// Returns the encoding of the value.
    pub(crate) fn encoding(&self) -> Option<Encoding> {
        self.params().find_map(|param| encoding_of(&param))
    }

    fn path(&self) -> &str {
        let head = self.head.as_deref().unwrap_or_default();
        head.split_once(';').map_or(head, |(path, _)| path)
    }
}

fn encoding_of(param: &Param<'_>) -> Option<Encoding> {
    let names_encoding = param.name.is_empty() || param.name.eq_ignore_ascii_case("ENCODING");
    param.values().next().filter(|_| names_encoding).and_then(Encoding::of)
}

/// Search for the colon that ends the head. It reads each byte once, one physical line after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// First colon outside of quotes.
    colon: Option<usize>,
    /// First colon of all: ends the head of a line with a quote that is never closed.
    any_colon: Option<usize>,
    is_quoted: bool,
    is_quoted_printable: bool,
}

impl Head {
    /// Continues the search with the physical line `line`, which begins at `start` of `text`.
    pub(super) fn scan(&mut self, text: &str, start: usize, line: &str) {
        if self.colon.is_some() {
            return;
        }
        #[cfg(test)]
        super::linear_time_tests::count_steps(line.len());
        for (index, byte) in line.bytes().enumerate() {
            match byte {
                b'"' => self.is_quoted = !self.is_quoted,
                b':' if !self.is_quoted => {
                    self.colon = Some(start + index);
                    break;
                }
                b':' if self.any_colon.is_none() => self.any_colon = Some(start + index),
                _ => {}
            }
        }
        if let Some(colon) = self.colon {
            let head = unfold(split_at(text, colon).0);
            let params = head.split_once(';').map_or("", |(path, _)| split_at(&head, path.len()).1);
            self.is_quoted_printable =
                Params::new(params).any(|param| encoding_of(&param) == Some(Encoding::QuotedPrintable));
        }
    }

    pub(super) fn is_quoted_printable(&self) -> bool {
        self.is_quoted_printable
    }

    /// Returns true when `line`, without its end, is an AGENT without a value.
    pub(super) fn is_agent(&self, line: &str) -> bool {
        let name = line.as_bytes().get(..5).unwrap_or_default();
        name.eq_ignore_ascii_case(b"AGENT")
            && self.colon().is_some_and(|colon| split_at(line, colon + 1).1.trim().is_empty())
    }

    fn colon(&self) -> Option<usize> {
        self.colon.or(self.any_colon)
    }
}
