//! Conditions on the list of contacts.

use std::ops::RangeInclusive;

use super::{MonthDay, PhoneNeedle, Tag};
use crate::{
    folding::{digits, fold, fold_case},
    text::{Invalid, is_forbidden},
};

/// One word of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// The word, folded.
    pub folded: String,
    /// Set when the word looks like a phone number: only digits and punctuation, at least two digits. Then the word
    /// also matches phones.
    pub phone: Option<PhoneNeedle>,
}

impl Needle {
    fn new(word: &str) -> Self {
        let is_phone_like = digits(word).len() >= 2 && !word.chars().any(char::is_alphabetic);
        let phone = if is_phone_like { PhoneNeedle::new(word).ok() } else { None };
        Self { folded: fold(word), phone }
    }

    /// Returns true when every contact that matches this word also matches the other one.
    fn implies(&self, other: &Self) -> bool {
        self == other || (self.phone.is_none() && self.folded.contains(&other.folded))
    }
}

/// Conditions on contacts. Text is folded; all given conditions must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Words that must each occur in the names, nickname, organization, e-mails, phones or notes.
    pub words: Vec<Needle>,
    /// Part of the first name, folded.
    pub first_name: Option<String>,
    /// Part of the last name, folded.
    pub last_name: Option<String>,
    /// Part of an e-mail, folded.
    pub email: Option<String>,
    /// A phone, or part of one.
    pub phone: Option<PhoneNeedle>,
    /// Whole tag, with its case folded.
    pub tag: Option<String>,
    /// `true` for favorites only, `false` for all other contacts only.
    pub favorite: Option<bool>,
    /// Inclusive range of days of the year that contains the birthday.
    pub birthday: Option<RangeInclusive<MonthDay>>,
}

impl Filter {
    /// Maximum number of words in `q`.
    pub const MAX_WORDS: usize = 16;
    /// Maximum number of characters of a search text.
    pub const MAX_TEXT: usize = 200;
    /// Maximum number of characters of a folded search text. Folding can turn one character into eighteen.
    pub const MAX_FOLDED: usize = 2 * Self::MAX_TEXT;

    /// Parses `q`: words separated by white space, without those that another word implies. An empty `q` matches every
    /// contact.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter` or `TooManyWords`.
    pub fn words(raw: &str) -> Result<Vec<Needle>, Invalid> {
        Self::check(raw)?;
        let words: Vec<Needle> = raw.split_whitespace().map(Needle::new).collect();
        if words.len() > Self::MAX_WORDS {
            return Err(Invalid::TooManyWords { max: Self::MAX_WORDS });
        }
        Self::check_folded(words.iter().map(|word| word.folded.as_str()))?;
        Ok(without_implied(&words))
    }

    /// Parses the filter on a name or an e-mail.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter` or `Blank`.
    pub fn part(raw: &str) -> Result<String, Invalid> {
        Self::check(raw)?;
        let folded = fold(raw);
        Self::check_folded([folded.as_str()].into_iter())?;
        if folded.is_empty() { Err(Invalid::Blank) } else { Ok(folded) }
    }

    /// Parses the filter on a phone.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter`, or `NotAPhoneNumber` when the text has no digit.
    pub fn phone(raw: &str) -> Result<PhoneNeedle, Invalid> {
        Self::check(raw)?;
        PhoneNeedle::new(raw)
    }

    /// Parses the filter on a tag.
    ///
    /// # Errors
    /// As [`Tag::parse`].
    pub fn tag(raw: &str) -> Result<String, Invalid> {
        Ok(fold_case(Tag::parse(raw)?.as_str()))
    }

    /// Returns the number of characters that are searched for in the long texts of each contact. All other texts are
    /// short.
    #[must_use]
    pub fn length(&self) -> usize {
        let words = self.words.iter().map(|word| &word.folded);
        words.chain(&self.email).map(|text| text.chars().count()).sum()
    }

    fn check_folded<'a>(texts: impl Iterator<Item = &'a str>) -> Result<(), Invalid> {
        let length: usize = texts.map(|text| text.chars().count()).sum();
        if length > Self::MAX_FOLDED {
            return Err(Invalid::TooLong { max: Self::MAX_TEXT, unit: "characters" });
        }
        Ok(())
    }

    fn check(raw: &str) -> Result<(), Invalid> {
        if raw.chars().any(is_forbidden) {
            return Err(Invalid::ForbiddenCharacter);
        }
        if raw.chars().count() > Self::MAX_TEXT {
            return Err(Invalid::TooLong { max: Self::MAX_TEXT, unit: "characters" });
        }
        Ok(())
    }
}

/// Returns the words that no other word implies; of two that imply each other, the first.
fn without_implied(words: &[Needle]) -> Vec<Needle> {
    let is_implied = |position: usize, word: &Needle| {
        let mut others = words.iter().enumerate().filter(|(other, _)| *other != position);
        others.any(|(other, implying)| implying.implies(word) && (other < position || !word.implies(implying)))
    };
    let remaining = words.iter().enumerate().filter(|(position, word)| !is_implied(*position, word));
    remaining.map(|(_, word)| word.clone()).collect()
}
