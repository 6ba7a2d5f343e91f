//! The text of one card as content lines.

use super::{
    line::ContentLine,
    physical::{is_begin, is_end},
    scanner::Lexer,
};
use crate::{
    error::{Problem, ReadError},
    limits::Limits,
    version::Version,
};

/// Content lines of a text with exactly one card. Lines before the card, and blank ones after it, are part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardText<'a> {
    lines: Vec<ContentLine<'a>>,
    /// Index of the line BEGIN:VCARD.
    begin: usize,
    /// Index of the line END:VCARD.
    end: usize,
    version: Version,
}

impl<'a> CardText<'a> {
    /// Divides a text into content lines.
    ///
    /// # Errors
    /// The text has no card, more than one card, a card without end, or lines after it. Or it exceeds the limits.
    pub fn parse(text: &'a str, limits: &Limits) -> Result<Self, ReadError> {
        if text.len() > limits.card_bytes {
            return Err(ReadError { line: 1, problem: Problem::CardTooLarge { max: limits.card_bytes } });
        }
        let mut lines: Vec<ContentLine<'a>> = Vec::new();
        let (mut begin, mut end) = (None, None);
        for line in Lexer::new(text) {
            let fails = |problem| Err(ReadError { line: line.number(), problem });
            if lines.len() >= limits.lines {
                return fails(Problem::TooManyLines { max: limits.lines });
            }
            if line.raw().len() > limits.line_bytes {
                return fails(Problem::LineTooLong { max: limits.line_bytes });
            }
            let content = line.raw().as_bytes();
            if is_begin(content) {
                let Some(begin) = begin else {
                    begin = Some(lines.len());
                    lines.push(line);
                    continue;
                };
                let first = lines.get(begin).map_or(1, ContentLine::number);
                return match end {
                    Some(_) => fails(Problem::SecondCard),
                    None => Err(ReadError { line: first, problem: Problem::NoEnd }),
                };
            }
            if end.is_some() && !content.trim_ascii().is_empty() {
                return fails(Problem::OutsideCard);
            }
            if begin.is_some() && is_end(content) {
                end = Some(lines.len());
            }
            lines.push(line);
        }
        let begin = begin.ok_or(ReadError { line: 1, problem: Problem::NoCard })?;
        let first = lines.get(begin).map_or(1, ContentLine::number);
        let end = end.ok_or(ReadError { line: first, problem: Problem::NoEnd })?;
        let mut card = Self { lines, begin, end, version: Version::V3_0 };
        let version = card.body().find(|(_, line)| line.is("VERSION")).map(|(_, line)| Version::of(&line.value()));
        card.version = version.unwrap_or(Version::V3_0);
        Ok(card)
    }

    /// Returns all lines. Their raw texts together are the text.
    #[must_use]
    pub fn lines(&self) -> &[ContentLine<'a>] {
        &self.lines
    }

    /// Returns the lines between BEGIN and END, with their indexes in [`CardText::lines`].
    pub fn body(&self) -> impl Iterator<Item = (usize, &ContentLine<'a>)> {
        self.lines.iter().enumerate().take(self.end).skip(self.begin + 1)
    }

    /// Returns the lines up to BEGIN:VCARD.
    pub(crate) fn before_body(&self) -> &[ContentLine<'a>] {
        self.lines.get(..=self.begin).unwrap_or_default()
    }

    /// Returns the lines from END:VCARD.
    pub(crate) fn after_body(&self) -> &[ContentLine<'a>] {
        self.lines.get(self.end..).unwrap_or_default()
    }

    /// Returns the index of the line END:VCARD.
    #[must_use]
    pub fn end(&self) -> usize {
        self.end
    }

    /// Returns the version. A card without one is read as 3.0.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the line end of the first line, which new lines use too.
    pub(crate) fn line_end(&self) -> &'static str {
        let begin = self.lines.get(self.begin).map_or("", ContentLine::raw);
        if begin.ends_with("\r\n") || !begin.ends_with('\n') { "\r\n" } else { "\n" }
    }
}
