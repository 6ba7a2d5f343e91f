//! Words of a search.

use super::{PhoneNeedle, phone_number::PhoneText};
use crate::folding::fold;

/// One condition of a search: a word, or words that together look like one phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// The words, folded. A contact matches when its text contains all of them.
    pub words: Vec<String>,
    /// Set when the words look like a phone number: at least two digits, and only what phones have. A contact with this
    /// phone matches too.
    pub phone: Option<PhoneNeedle>,
}

/// Maximum number of digits that are regarded as one number: `00` and the 15 digits of E.164.
const MAX_DIGITS: usize = 17;

impl Needle {
    /// Returns the conditions of a search text, in its order.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut needles = Vec::new();
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut rest = words.as_slice();
        while let Some((first, others)) = rest.split_first() {
            let length = phone_length(rest);
            if length == 0 {
                needles.push(Self::word(first));
                rest = others;
            } else {
                let (phone, others) = rest.split_at(length);
                needles.extend(Self::phone(phone));
                rest = others;
            }
        }
        needles
    }

    fn word(word: &str) -> Self {
        Self { words: vec![fold(word)], phone: None }
    }

    /// Returns the condition of words that are one phone number, or one for each when they have too many digits for it.
    fn phone(words: &[&str]) -> Vec<Self> {
        let text = words.join(" ");
        let number = PhoneText::parse_lenient(&text).number;
        if number.chars().filter(char::is_ascii_digit).count() > MAX_DIGITS && words.len() > 1 {
            let has_digits = |word: &&&str| fold(word).contains(|c: char| c.is_ascii_digit());
            return words.iter().filter(has_digits).flat_map(|word| Self::phone(&[word])).collect();
        }
        vec![Self { words: words.iter().map(|word| fold(word)).collect(), phone: PhoneNeedle::new(&text).ok() }]
    }

    /// Returns true when every contact that matches this condition also matches the other one.
    pub(super) fn implies(&self, other: &Self) -> bool {
        let is_contained = |word: &String| self.words.iter().any(|own| own.contains(word.as_str()));
        self == other || (self.phone.is_none() && other.words.iter().all(is_contained))
    }
}

/// Returns true when all words of a text together look like a phone number. `ext. 12` alone does not.
pub(super) fn looks_like_phone(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    phone_length(&words) == words.len()
}

/// Returns the number of words at the beginning that together look like a phone number, or 0. They have two digits or
/// more, and neither the first nor the last one is an extension word.
fn phone_length(words: &[&str]) -> usize {
    let (mut length, mut digits) = (0, 0);
    for (index, word) in words.iter().enumerate() {
        let Some(phone) = PhoneText::parse(word) else { break };
        let found = phone.digits().len();
        let has_letters = word.chars().any(char::is_alphabetic);
        let begins_in_letter = fold(word).trim_start_matches("tel:").starts_with(char::is_alphabetic);
        if index == 0 && (begins_in_letter || (has_letters && found == 0)) {
            return 0;
        }
        digits += found;
        if found > 0 || !has_letters {
            length = index + 1;
        }
    }
    if digits >= 2 { length } else { 0 }
}
