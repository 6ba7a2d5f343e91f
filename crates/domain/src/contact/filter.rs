//! Conditions on the list of contacts.

use std::ops::RangeInclusive;

use super::{MonthDay, Needle, PhoneNeedle, Tag};
use crate::{
    folding::{fold, fold_case, is_blank},
    invisible::one_line,
    text::{Invalid, is_forbidden},
};

/// Conditions on contacts. Text is folded; all given conditions must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Words that must each occur in the contact: see [`SearchForms::text`](super::SearchForms::text).
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
    /// Maximum number of characters of a folded search text. A text that folds to more is rejected: one character can
    /// become eighteen.
    pub const MAX_FOLDED: usize = 2 * Self::MAX_TEXT;

    /// Parses `q`: words separated by white space, without those that another word implies. Words that together look like
    /// one phone number are one condition. An empty `q` matches every contact.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter` or `TooManyWords`.
    pub fn words(raw: &str) -> Result<Vec<Needle>, Invalid> {
        let text = Self::checked(raw)?;
        if text.split_whitespace().count() > Self::MAX_WORDS {
            return Err(Invalid::TooManyWords { max: Self::MAX_WORDS });
        }
        let needles = Needle::all(&text);
        Self::check_folded(needles.iter().flat_map(|needle| &needle.words).map(String::as_str))?;
        Ok(without_implied(&needles))
    }

    /// Parses the filter on a name or an e-mail.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter` or `Blank`.
    pub fn part(raw: &str) -> Result<String, Invalid> {
        let folded = fold(&Self::checked(raw)?);
        Self::check_folded([folded.as_str()].into_iter())?;
        if is_blank(&folded) { Err(Invalid::Blank) } else { Ok(folded) }
    }

    /// Parses the filter on a phone.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter`, or `NotAPhoneNumber` when the text has no digit.
    pub fn phone(raw: &str) -> Result<PhoneNeedle, Invalid> {
        PhoneNeedle::new(&Self::checked(raw)?)
    }

    /// Parses the filter on a tag, which must have the whole tag.
    ///
    /// # Errors
    /// As [`Tag::parse`].
    pub fn tag(raw: &str) -> Result<String, Invalid> {
        Ok(fold_case(Tag::parse(raw)?.as_str()))
    }

    /// Returns the number of characters that are searched for in the long texts of each contact. All other texts are
    /// short.
    pub(super) fn searched_characters(&self) -> usize {
        let words = self.words.iter().flat_map(|needle| &needle.words);
        words.chain(&self.email).map(|text| text.chars().count()).sum()
    }

    fn check_folded<'a>(texts: impl Iterator<Item = &'a str>) -> Result<(), Invalid> {
        let length: usize = texts.map(|text| text.chars().count()).sum();
        if length > Self::MAX_FOLDED {
            return Err(Invalid::TooLong { max: Self::MAX_TEXT, unit: "characters" });
        }
        Ok(())
    }

    /// Returns the search text in one line, as the texts of contacts are stored.
    fn checked(raw: &str) -> Result<String, Invalid> {
        let text = one_line(raw);
        if text.chars().any(is_forbidden) {
            return Err(Invalid::ForbiddenCharacter);
        }
        if text.chars().count() > Self::MAX_TEXT {
            return Err(Invalid::TooLong { max: Self::MAX_TEXT, unit: "characters" });
        }
        Ok(text)
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
