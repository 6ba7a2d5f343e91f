//! Backslash escapes, and the values with several parts that depend on them.

use std::borrow::Cow;

use crate::version::Version;

/// Replaces escapes: `\n`, `\\`, `\,`, `\;` and `\:`. Another backslash stays, as in `C:\Temp`.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = if character == '\\' { characters.peek().copied() } else { None };
        match escaped {
            Some('n' | 'N') => plain.push('\n'),
            Some(other @ ('\\' | ',' | ';' | ':')) => plain.push(other),
            _ => {
                plain.push(character);
                continue;
            }
        }
        characters.next();
    }
    Cow::Owned(plain)
}

/// Escapes a text. In vCard 2.1 line breaks stay, because the value becomes quoted-printable.
pub(crate) fn escape(text: &str, version: Version) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\r' => {}
            '\n' if version != Version::V2_1 => escaped.push_str("\\n"),
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Escapes a URI, where commas and semicolons have no other meaning.
pub(crate) fn escape_uri(uri: &str) -> String {
    uri.replace('\\', "\\\\").replace(['\r', '\n'], "")
}

/// Returns the components of a structured value, such as N, without unescaping them.
pub(crate) fn components(value: &str) -> impl Iterator<Item = &str> {
    split(value, b';')
}

/// Returns the elements of a list, such as CATEGORIES, without unescaping them.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    split(value, b',')
}

fn split(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut is_escaped = false;
        let end = text.bytes().position(|byte| {
            let ends = byte == separator && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        let (part, after) = text.split_at_checked(end.unwrap_or(text.len()))?;
        // Without a separator nothing is left, and the iterator ends.
        rest = after.get(1..);
        Some(part)
    })
}
