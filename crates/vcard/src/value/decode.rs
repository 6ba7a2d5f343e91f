//! Decodes the value of a line to text.

use std::borrow::Cow;

use super::{escape::unescape, photo::decode_base64, quoted_printable::decode_quoted_printable};
use crate::{
    charset::Charset,
    lexer::{ContentLine, Encoding},
};

/// Returns the value of a line as text: decoded, with LF as line break, still with backslash escapes.
pub(crate) fn decoded_text<'a>(line: &ContentLine<'a>) -> Cow<'a, str> {
    let bytes = match line.encoding() {
        None => return clean(line.value()),
        Some(Encoding::QuotedPrintable) => decode_quoted_printable(line.raw_value()),
        Some(Encoding::Base64) => decode_base64(line.raw_value()).unwrap_or_default(),
    };
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.as_bytes();
        let charset = line.param("CHARSET").and_then(Charset::from_label);
        charset.unwrap_or_else(|| Charset::guess(bytes)).decode(bytes)
    });
    clean(Cow::Owned(text))
}

/// Returns the value of a line as text: unfolded, decoded, and without backslash escapes.
#[must_use]
pub fn decoded_value<'a>(line: &ContentLine<'a>) -> Cow<'a, str> {
    match decoded_text(line) {
        Cow::Borrowed(text) => unescape(text),
        Cow::Owned(text) => Cow::Owned(unescape(&text).into_owned()),
    }
}

/// Removes control characters, and replaces CR LF and CR by LF.
pub(crate) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.replace(|character: char| character.is_control() && !matches!(character, '\n' | '\t'), ""))
}
