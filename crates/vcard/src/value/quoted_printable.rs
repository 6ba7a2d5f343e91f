//! Quoted-printable (RFC 2045, 6.7), as vCard 2.1 uses it.

use super::hex::decode_hex;
use crate::lexer::physical_lines;

/// Decodes a value with its line breaks. Soft breaks and folds join lines. A wrong `=` stays as it is.
pub(super) fn decode_quoted_printable(raw: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut after_soft_break = true;
    for line in physical_lines(raw) {
        let line = if after_soft_break { line } else { line.strip_prefix([' ', '\t']).unwrap_or(line) };
        let text = line.trim_end().strip_suffix('=');
        after_soft_break = text.is_some();
        decode_hex(text.unwrap_or(line), b'=', &mut bytes);
    }
    bytes
}

/// Encodes a text with soft breaks, so that no line is longer than 75 characters and no character is divided. `used` is
/// the length of the head.
pub(crate) fn encode_quoted_printable(text: &str, used: usize, line_end: &str) -> String {
    const MAX: usize = 75;
    let mut encoded = String::with_capacity(text.len() * 3);
    let mut column = used;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_last = characters.peek().is_none();
        let token = encode_character(character, is_last);
        if column + token.len() >= MAX {
            encoded.push('=');
            encoded.push_str(line_end);
            column = 0;
        }
        column += token.len();
        encoded.push_str(&token);
    }
    encoded
}

/// Encodes a character. Programs remove a blank at the end of a line, so the last one is encoded, too.
fn encode_character(character: char, is_last: bool) -> String {
    match character {
        '\n' => "=0D=0A".to_owned(),
        ' '..='~' if character != '=' && !(is_last && character == ' ') => character.to_string(),
        _ => character.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("={byte:02X}")).collect(),
    }
}
