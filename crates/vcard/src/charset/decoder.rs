//! Decodes the bytes of cards to text.

use chardetng::EncodingDetector;

use super::{
    encoding::{Charset, CharsetChoice},
    locale::domain_of,
};
use crate::lexer::line_length;

/// Decoder of the cards of one file. It learns about the charset with each card.
pub(crate) struct Decoder {
    declared: Option<Charset>,
    domain: Option<&'static [u8]>,
    detector: EncodingDetector,
}

impl Decoder {
    pub(crate) fn new(choice: &CharsetChoice) -> Self {
        let domain = choice.locale.as_deref().and_then(domain_of);
        let declared = choice.declared.filter(|charset| !charset.is_utf_16());
        Self { declared, domain, detector: Charset::new_detector() }
    }

    /// Returns the text of a card, and its charset. A declared charset comes first, then UTF-8 if the bytes are valid.
    /// Otherwise each line has that of its parameter CHARSET, or the most probable one.
    pub(crate) fn decode(&mut self, bytes: Vec<u8>) -> (String, Charset) {
        if let Some(declared) = self.declared.filter(|charset| *charset != Charset::UTF_8) {
            return (without_forbidden(declared.decode(&bytes)), declared);
        }
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => return (without_forbidden(text), Charset::UTF_8),
            Err(error) => error.into_bytes(),
        };
        self.detector.feed(&bytes, false);
        let guess = self.declared.unwrap_or_else(|| Charset::guess_of(&self.detector, self.domain));
        (without_forbidden(decode_lines(&bytes, guess)), guess)
    }
}

/// Decodes each content line by itself. A line that is not UTF-8 is unfolded first, because programs fold inside of
/// characters.
fn decode_lines(bytes: &[u8], guess: Charset) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut length = line_length(rest).total;
        while let Some(next) = rest.get(length..).filter(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
            length += line_length(next).total;
        }
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = after;
        match str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => {
                let line = unfold(line);
                let decoded = String::from_utf8(line)
                    .unwrap_or_else(|error| declared_in(error.as_bytes()).unwrap_or(guess).decode(error.as_bytes()));
                text.push_str(&decoded);
                text.push_str("\r\n");
            }
        }
    }
    text
}

fn unfold(line: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let length = line_length(rest);
        let content = rest.get(..length.content).unwrap_or(rest);
        let is_first = joined.is_empty();
        joined.extend_from_slice(content.get(usize::from(!is_first)..).unwrap_or_default());
        rest = rest.get(length.total..).unwrap_or_default();
    }
    joined
}

/// Returns the charset of the parameter CHARSET of a content line.
fn declared_in(line: &[u8]) -> Option<Charset> {
    let head = line.split(|byte| *byte == b':').next()?;
    let mut params = head.split(|byte| *byte == b';').filter_map(|param| str::from_utf8(param).ok());
    let charset = params.find_map(|param| {
        let (name, value) = param.split_once('=')?;
        name.trim().eq_ignore_ascii_case("CHARSET").then_some(value.trim().trim_matches('"'))
    })?;
    Charset::from_label(charset).filter(|charset| !charset.is_utf_16() && *charset != Charset::UTF_8)
}

/// Removes the byte order mark, and the characters that XML forbids: a CardDAV client fails on each answer with one.
fn without_forbidden(mut text: String) -> String {
    let is_forbidden = |character: char| {
        (character.is_ascii_control() && !matches!(character, '\t' | '\n' | '\r'))
            || matches!(character, '\u{fffe}' | '\u{ffff}')
    };
    if text.starts_with('\u{feff}') || text.contains(is_forbidden) {
        let mut is_first = true;
        text.retain(|character| {
            let is_mark = std::mem::take(&mut is_first) && character == '\u{feff}';
            !is_mark && !is_forbidden(character)
        });
    }
    text
}
