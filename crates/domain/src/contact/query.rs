//! Queries on the list of contacts: filter, sort order and page.

use std::str::FromStr;

use super::{Contact, Cursor, PhoneNeedle, Tag};
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

/// Sort keys. Contacts without the value sort after all contacts that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// First name, in the order of [`sort_key`](crate::folding::sort_key).
    FirstName,
    /// Last name, in the order of [`sort_key`](crate::folding::sort_key).
    LastName,
    /// Time of creation.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// Birthday, by month and day.
    Birthday,
}

/// Sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Lowest value first.
    Ascending,
    /// Highest value first.
    Descending,
}

/// Sort order. Contacts with equal keys are ordered by ascending id, so the order is total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort(Vec<(SortKey, Direction)>);

impl Sort {
    /// Returns the order by time of creation, the oldest first.
    #[must_use]
    pub fn by_creation() -> Self {
        Self(vec![(SortKey::CreatedAt, Direction::Ascending)])
    }

    /// Returns the keys, the most significant first. Never empty.
    #[must_use]
    pub fn keys(&self) -> &[(SortKey, Direction)] {
        &self.0
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self(vec![(SortKey::LastName, Direction::Ascending), (SortKey::FirstName, Direction::Ascending)])
    }
}

impl FromStr for Sort {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let mut keys: Vec<(SortKey, Direction)> = Vec::new();
        for word in raw.split(',') {
            let word = word.trim();
            let (name, direction) = match word.strip_prefix('-') {
                Some(name) => (name, Direction::Descending),
                None => (word, Direction::Ascending),
            };
            let key = match name {
                "first_name" => SortKey::FirstName,
                "last_name" => SortKey::LastName,
                "created_at" => SortKey::CreatedAt,
                "updated_at" => SortKey::UpdatedAt,
                "birthday" => SortKey::Birthday,
                _ => return Err(Invalid::UnknownSort),
            };
            if keys.iter().any(|(seen, _)| *seen == key) {
                return Err(Invalid::UnknownSort);
            }
            keys.push((key, direction));
        }
        Ok(Self(keys))
    }
}

/// Start of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// Offset: number of contacts to skip.
    Skip(u64),
    /// Directly after a position in the order.
    After(Cursor),
}

/// Query on the list of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactQuery {
    /// Conditions.
    pub filter: Filter,
    /// Sort order.
    pub sort: Sort,
    /// Start of the page.
    pub start: PageStart,
    /// Maximum number of contacts, from 1 to [`ContactQuery::MAX_LIMIT`].
    pub limit: u64,
}

impl ContactQuery {
    /// Maximum page size.
    pub const MAX_LIMIT: u64 = 1000;
    /// Default page size.
    pub const DEFAULT_LIMIT: u64 = 100;
}

/// Page of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPage {
    /// The contacts, in order.
    pub items: Vec<Contact>,
    /// Total number of contacts that match the filter.
    pub total: u64,
}
