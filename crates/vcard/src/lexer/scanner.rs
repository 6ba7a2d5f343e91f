//! Joins physical lines to content lines.

use super::{
    line::{ContentLine, Head},
    physical::{is_begin, is_end, line_length, split_at},
};

/// Content lines of a text, in their order. Their raw texts together are the whole text.
///
/// A content line continues on the next physical line in three cases:
/// - the next one begins with a blank (folding, RFC 6350, 3.2);
/// - its value is quoted-printable and ends with `=` (a soft line break);
/// - it is `AGENT:` without a value, and a card follows (vCard 2.1). The whole inner card belongs to the line.
///
/// `END:VCARD` never continues a line, so that a broken value does not swallow the next card.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lexer<'a> {
    /// Creates a lexer of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = ContentLine<'a>;

    fn next(&mut self) -> Option<ContentLine<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let mut extent = Extent::of(self.rest);
        let head = extent.take_content_line();
        let value_end = extent.without_line_end;
        if head.is_agent(split_at(self.rest, value_end).0) {
            extent.take_inner_card();
        }
        let (raw, rest) = split_at(self.rest, extent.total);
        let line = ContentLine::new(self.line, raw, split_at(raw, value_end).0, &head);
        self.rest = rest;
        self.line += extent.physical_lines;
        Some(line)
    }
}

/// Physical lines that belong to the first content line of a text.
struct Extent<'a> {
    text: &'a str,
    total: usize,
    without_line_end: usize,
    physical_lines: usize,
}

impl<'a> Extent<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, total: 0, without_line_end: 0, physical_lines: 0 }
    }

    /// Takes the next physical line, and returns it without its end.
    fn take_line(&mut self) -> &'a str {
        let rest = self.rest();
        let length = line_length(rest.as_bytes());
        self.without_line_end = self.total + length.content;
        self.total += length.total;
        self.physical_lines += 1;
        split_at(rest, length.content).0
    }

    fn rest(&self) -> &'a str {
        split_at(self.text, self.total).1
    }

    fn take_content_line(&mut self) -> Head {
        let mut head = Head::default();
        loop {
            let start = self.total;
            let line = self.take_line();
            head.scan(self.text, start, line);
            let next = self.rest();
            let is_folded = next.starts_with([' ', '\t']);
            let has_soft_break = head.is_quoted_printable() && line.trim_end().ends_with('=');
            let is_continued = is_folded || (has_soft_break && !starts_with_end(next));
            if next.is_empty() || !is_continued {
                return head;
            }
        }
    }

    /// Takes the card that follows, up to its `END:VCARD`, with the cards in it.
    fn take_inner_card(&mut self) {
        let mut depth = 0_usize;
        if !starts_with_begin(self.rest()) {
            return;
        }
        while !self.rest().is_empty() {
            let line = self.take_line().as_bytes();
            if is_begin(line) {
                depth += 1;
            } else if is_end(line) {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 {
                return;
            }
        }
    }
}

fn starts_with_begin(text: &str) -> bool {
    let line = line_length(text.as_bytes());
    is_begin(split_at(text, line.content).0.as_bytes())
}

fn starts_with_end(text: &str) -> bool {
    let line = line_length(text.as_bytes());
    is_end(split_at(text, line.content).0.as_bytes())
}
