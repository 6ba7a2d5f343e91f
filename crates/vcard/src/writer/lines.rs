//! Writes content lines: heads, folding, encodings, groups.

use std::collections::HashSet;

use crate::{lexer::CardText, value::encode_quoted_printable, version::Version};

/// Maximum number of bytes of a physical line without its end (RFC 6350, 3.2).
const MAX_WIDTH: usize = 75;

/// Groups `item1`, `item2` and so on that a card does not use yet.
#[derive(Debug, Default)]
pub(crate) struct FreshGroups {
    used: HashSet<String>,
    last: usize,
}

impl FreshGroups {
    pub(crate) fn beside(text: &CardText<'_>) -> Self {
        let used = text.body().filter_map(|(_, line)| line.group().map(str::to_ascii_lowercase)).collect();
        Self { used, last: 0 }
    }

    fn next(&mut self) -> String {
        loop {
            self.last += 1;
            let group = format!("item{}", self.last);
            if !self.used.contains(&group) {
                return group;
            }
        }
    }
}

/// Writer of content lines in one version.
pub(crate) struct LineWriter<'a> {
    text: String,
    version: Version,
    line_end: &'static str,
    groups: &'a mut FreshGroups,
}

impl<'a> LineWriter<'a> {
    pub(crate) fn new(version: Version, line_end: &'static str, groups: &'a mut FreshGroups) -> Self {
        Self { text: String::new(), version, line_end, groups }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Returns a group that the card does not use.
    pub(crate) fn fresh_group(&mut self) -> String {
        self.groups.next()
    }

    /// Returns the written lines.
    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Writes a line as it was received.
    pub(crate) fn raw(&mut self, line: &str) {
        self.text.push_str(line);
    }

    /// Writes a line. `params` are complete, as in `TYPE=HOME`. The value has its escapes. In vCard 2.1 a value that is
    /// not ASCII, or has a line break, becomes quoted-printable.
    pub(crate) fn line(&mut self, group: Option<&str>, name: &str, params: &[&str], value: &str) {
        let mut line = String::with_capacity(value.len() + 40);
        if let Some(group) = group {
            line.push_str(group);
            line.push('.');
        }
        line.push_str(name);
        for param in params {
            line.push(';');
            line.push_str(param);
        }
        if self.version == Version::V2_1 && !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            line.push_str(";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:");
            let encoded = encode_quoted_printable(value, line.len(), self.line_end);
            self.text.push_str(&line);
            self.text.push_str(&encoded);
            self.text.push_str(self.line_end);
            return;
        }
        line.push(':');
        line.push_str(value);
        self.fold(&line);
    }

    /// Writes a line, and breaks it between characters. Control characters other than tabs are left out.
    fn fold(&mut self, line: &str) {
        let mut width = 0;
        for character in line.chars().filter(|character| *character == '\t' || !character.is_ascii_control()) {
            if width + character.len_utf8() > MAX_WIDTH {
                self.text.push_str(self.line_end);
                self.text.push(' ');
                width = 1;
            }
            self.text.push(character);
            width += character.len_utf8();
        }
        self.text.push_str(self.line_end);
    }
}
