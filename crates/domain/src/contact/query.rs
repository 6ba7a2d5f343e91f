//! What is asked of a list of contacts.

use std::str::FromStr;

use super::{Contact, Cursor, PhoneNeedle, Tag};
use crate::{
    folding::{digits, fold, fold_case},
    text::{Invalid, is_forbidden},
};

/// One word that must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    /// The word, folded.
    pub folded: String,
    /// When it is written as a phone number is: digits and marks only, at least two digits. Then it also finds phones.
    pub phone: Option<PhoneNeedle>,
}

impl Needle {
    fn new(word: &str) -> Self {
        let like_a_phone = digits(word).len() >= 2 && !word.chars().any(char::is_alphabetic);
        let phone = if like_a_phone { PhoneNeedle::new(word).ok() } else { None };
        Self { folded: fold(word), phone }
    }

    /// Whether every contact that has this word has the other one, too.
    fn implies(&self, other: &Self) -> bool {
        self == other || (self.phone.is_none() && self.folded.contains(&other.folded))
    }
}

/// Which contacts are wanted. Text is folded; every filter given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Each must be part of the names, nickname, organization, e-mails, phones or notes.
    pub words: Vec<Needle>,
    /// Part of the first name, folded.
    pub first_name: Option<String>,
    /// Part of the last name, folded.
    pub last_name: Option<String>,
    /// Part of an e-mail, folded.
    pub email: Option<String>,
    /// A phone, or part of one.
    pub phone: Option<PhoneNeedle>,
    /// One of the tags, whole, its case folded.
    pub tag: Option<String>,
    /// Favourites only, or all others only.
    pub favorite: Option<bool>,
}

impl Filter {
    /// The greatest number of words in `q`.
    pub const MAX_WORDS: usize = 16;
    /// The greatest number of characters of any search text.
    pub const MAX_TEXT: usize = 200;
    /// The same, folded: one character may become eighteen.
    pub const MAX_FOLDED: usize = 2 * Self::MAX_TEXT;

    /// Reads `q`: words divided by white space, without those that another one contains. Nothing but white space finds
    /// everything.
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

    /// Reads the filter on a name or an e-mail.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter` or `Blank`.
    pub fn part(raw: &str) -> Result<String, Invalid> {
        Self::check(raw)?;
        let folded = fold(raw);
        Self::check_folded([folded.as_str()].into_iter())?;
        if folded.is_empty() { Err(Invalid::Blank) } else { Ok(folded) }
    }

    /// Reads the filter on a phone.
    ///
    /// # Errors
    /// `TooLong`, `ForbiddenCharacter`, or `NotAPhoneNumber` when there is no digit in it.
    pub fn phone(raw: &str) -> Result<PhoneNeedle, Invalid> {
        Self::check(raw)?;
        PhoneNeedle::new(raw)
    }

    /// Reads the filter on a tag.
    ///
    /// # Errors
    /// As [`Tag::parse`].
    pub fn tag(raw: &str) -> Result<String, Invalid> {
        Ok(fold_case(Tag::parse(raw)?.as_str()))
    }

    /// The number of characters that are looked for in the long texts of each contact. All others are short.
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

/// The words that no other word implies; of two that imply each other, the first.
fn without_implied(words: &[Needle]) -> Vec<Needle> {
    let is_implied = |position: usize, word: &Needle| {
        let mut others = words.iter().enumerate().filter(|(other, _)| *other != position);
        others.any(|(other, implying)| implying.implies(word) && (other < position || !word.implies(implying)))
    };
    let kept = words.iter().enumerate().filter(|(position, word)| !is_implied(*position, word));
    kept.map(|(_, word)| word.clone()).collect()
}

/// What a list can be sorted by. Contacts without the value stand after all that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// First name, in the order of [`sort_key`](crate::folding::sort_key).
    FirstName,
    /// Last name, likewise.
    LastName,
    /// When it was made.
    CreatedAt,
    /// When it was last changed.
    UpdatedAt,
    /// Birthday, by its place in the year.
    Birthday,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// A sort order. Contacts equal in every key are ordered by their id, ascending: the order is total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort(Vec<(SortKey, Direction)>);

impl Sort {
    /// The oldest first.
    #[must_use]
    pub fn by_creation() -> Self {
        Self(vec![(SortKey::CreatedAt, Direction::Ascending)])
    }

    /// The keys, the first the weightiest. Never empty.
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

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// After so many contacts.
    Skip(u64),
    /// Right after a place in the order.
    After(Cursor),
}

/// A question to the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactQuery {
    /// Which.
    pub filter: Filter,
    /// In what order.
    pub sort: Sort,
    /// From where.
    pub start: PageStart,
    /// At most how many, from 1 to [`ContactQuery::MAX_LIMIT`].
    pub limit: u64,
}

impl ContactQuery {
    /// The greatest page.
    pub const MAX_LIMIT: u64 = 1000;
    /// The page when nothing is said.
    pub const DEFAULT_LIMIT: u64 = 100;
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPage {
    /// The contacts, in order.
    pub items: Vec<Contact>,
    /// How many match the filter in all.
    pub total: u64,
}
