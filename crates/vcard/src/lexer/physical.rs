//! Physical lines: the text between two line ends.
//!
//! A line ends with LF, CR LF or CR. Several CR in a row, with or without LF, are one line end: some programs write
//! `CR CR LF`.

use std::borrow::Cow;

/// Length of the first physical line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineLength {
    /// Number of bytes without the line end.
    pub content: usize,
    /// Number of bytes with the line end.
    pub total: usize,
}

/// Returns the length of the first physical line.
pub(crate) fn line_length(bytes: &[u8]) -> LineLength {
    let content = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
    let end = bytes.get(content..).unwrap_or_default();
    let returns = end.iter().take_while(|byte| **byte == b'\r').count();
    let feeds = usize::from(end.get(returns) == Some(&b'\n'));
    #[cfg(test)]
    super::linear_time_tests::count_steps(content + returns + feeds);
    LineLength { content, total: content + returns + feeds }
}

/// Splits a text. A position outside of the text, or inside a character, leaves the second part empty.
pub(crate) fn split_at(text: &str, position: usize) -> (&str, &str) {
    text.split_at_checked(position).unwrap_or((text, ""))
}

/// Returns the physical lines of a text, without their ends.
pub(crate) fn physical_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = line_length(rest.as_bytes());
        let (line, after) = split_at(rest, length.total);
        rest = after;
        Some(split_at(line, length.content).0)
    })
}

/// Joins continuation lines (RFC 6350, 3.2): removes each line end with the blank after it.
pub(crate) fn unfold(text: &str) -> Cow<'_, str> {
    if !text.contains(['\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let mut lines = physical_lines(text);
    let mut joined = String::with_capacity(text.len());
    joined.push_str(lines.next().unwrap_or_default());
    for line in lines {
        joined.push_str(line.strip_prefix([' ', '\t']).unwrap_or(line));
    }
    Cow::Owned(joined)
}

/// Returns true for the line that begins a card. Joined files have a byte order mark in front of it.
pub(crate) fn is_begin(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    line.trim_ascii_end().eq_ignore_ascii_case(b"BEGIN:VCARD")
}

/// Returns true for the line that ends a card. A line with a blank in front continues the line before it.
pub(crate) fn is_end(line: &[u8]) -> bool {
    line.trim_ascii_end().eq_ignore_ascii_case(b"END:VCARD")
}
