//! Telephone numbers, and what they mean in ASCII.

use crate::{
    folding::fold,
    text::{Invalid, single_line},
};

/// Telephone number: stored as typed, searched by its digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Maximum number of characters.
    pub const MAX: usize = 100;
    /// Maximum number of digits, those of an extension or a conference included. A number has 15 at most (E.164).
    pub const MAX_DIGITS: usize = 40;

    /// Validates a number: 2 to 40 digits of any script, the usual punctuation, and a word or a pause before an extension.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotAPhoneNumber`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = single_line(raw, Self::MAX)?;
        let digits = PhoneText::parse(&text).map_or(0, |phone| phone.digits().len());
        if (2..=Self::MAX_DIGITS).contains(&digits) { Ok(Self(text)) } else { Err(Invalid::NotAPhoneNumber) }
    }

    /// Creates the value from a stored number, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(number: String) -> Self {
        Self(number)
    }

    /// Returns the number as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words before an extension. Dialers also have the pauses `p` and `w`, once or several times.
const EXTENSION_WORDS: &[&str] = &["ext", "extn", "extension", "x", "дод", "доб"];

/// Telephone number in ASCII, divided into the number itself and what is dialled after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PhoneText {
    /// `+`, digits and punctuation.
    pub(super) number: String,
    /// Digits and punctuation after the first extension word or pause.
    pub(super) extension: String,
}

impl PhoneText {
    /// Divides a number. Returns `None` for a text that has anything else than phones have.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let folded = fold(typed);
        let mut rest = folded.strip_prefix("tel:").unwrap_or(&folded);
        let mut phone = Self::default();
        let mut is_extension = false;
        while let Some(c) = rest.chars().next() {
            let word = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            let step = if word.is_empty() {
                is_extension |= matches!(c, ',' | ';');
                if !is_punctuation(c) && !c.is_ascii_digit() {
                    return None;
                }
                let part = if is_extension { &mut phone.extension } else { &mut phone.number };
                part.push(c);
                c.len_utf8()
            } else if EXTENSION_WORDS.contains(&word) || word.chars().all(|c| matches!(c, 'p' | 'w')) {
                is_extension = true;
                // `;ext=12` (RFC 3966)
                if rest.starts_with("ext=") { "ext=".len() } else { word.len() }
            } else {
                return None;
            };
            rest = rest.split_at(step).1;
        }
        Some(phone)
    }

    /// Divides a number, or takes the digits of any other text.
    pub(super) fn parse_lenient(typed: &str) -> Self {
        Self::parse(typed).unwrap_or_else(|| {
            let number = fold(typed).chars().filter(|c| matches!(c, '+' | '(' | ')') || c.is_ascii_digit()).collect();
            Self { number, extension: String::new() }
        })
    }

    /// Returns all digits.
    pub(super) fn digits(&self) -> String {
        self.number.chars().chain(self.extension.chars()).filter(char::is_ascii_digit).collect()
    }
}

fn is_punctuation(c: char) -> bool {
    " +()-./,;#*".contains(c)
}
