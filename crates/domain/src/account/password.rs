//! Passwords: the rules for new ones, attempts to sign in, and the port that hashes them.

use std::str::FromStr;

use async_trait::async_trait;
use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::Zeroizing;

use crate::{client::LargestNetwork, error::Source, folding::fold, text::Invalid};

/// Maximum number of characters that zxcvbn assesses at each end. Its cost explodes with the length of hostile texts:
/// at most 5 ms for 16 characters, 90 ms for 40.
const ASSESSED_CHARACTERS: usize = 16;

/// Minimum number of letters and digits in a password, without words known about its owner.
const MIN_OWN_CHARACTERS: usize = 5;

/// New password: 8 to 128 characters of any script, after NFKC (NIST SP 800-63B, 3.1.1.2), not easy to guess. `Debug`
/// does not show it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Minimum number of characters.
    pub const MIN: usize = 8;
    /// Maximum number of characters.
    pub const MAX: usize = 128;

    /// Validates a new password. There are no composition rules; common passwords are rejected.
    ///
    /// # Errors
    /// `TooShort`, `TooLong`, `ForbiddenCharacter` (NUL only) or `PasswordTooCommon`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if is_far_too_long(raw) {
            return Err(Invalid::TooLong { max: Self::MAX, unit: "characters" });
        }
        let text = normalize(raw);
        if text.contains('\0') {
            return Err(Invalid::ForbiddenCharacter);
        }
        let length = text.chars().count();
        // Normalization makes two characters of some, such as the cedilla. The document counts those that were sent.
        if length.min(raw.chars().count()) < Self::MIN {
            return Err(Invalid::TooShort { min: Self::MIN });
        }
        if length > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX, unit: "characters" });
        }
        if is_guessable(&text) {
            return Err(Invalid::PasswordTooCommon);
        }
        Ok(Self(text))
    }

    /// Rejects a password that is derived from `known` words about its owner: without them, fewer than five letters and
    /// digits remain.
    ///
    /// # Errors
    /// `PasswordSelfDerived`.
    pub fn check_not_derived_from(&self, known: &[&str]) -> Result<(), Invalid> {
        let mut rest = fold(&self.0);
        let mut words: Vec<String> = known.iter().flat_map(|text| words_of(&fold(text))).collect();
        // Longest first, so that no part of a longer word remains.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let has_any = words.iter().any(|word| rest.contains(word));
        for word in &words {
            rest = rest.replace(word, " ");
        }
        let own_characters = rest.chars().filter(|c| c.is_alphanumeric()).count();
        if has_any && own_characters < MIN_OWN_CHARACTERS { Err(Invalid::PasswordSelfDerived) } else { Ok(()) }
    }

    /// Returns the normalized text, only for the hasher.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

/// Password of an attempt to sign in. Any text is allowed, because only the right one matches.
#[derive(Clone)]
pub struct PasswordAttempt(Zeroizing<String>);

impl PasswordAttempt {
    /// Normalizes the given text as [`Password`] does.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        // The text is longer than any valid password, so it is not normalized.
        if raw.len() > Password::MAX * 32 { Self(Zeroizing::new(String::new())) } else { Self(normalize(raw)) }
    }

    /// Returns the normalized text, only for the hasher.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

macro_rules! hidden_debug {
    ($($name:ident),*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )* };
}
hidden_debug!(Password, PasswordAttempt, PasswordHash);

/// Returns true for a text that is too long however it is normalized: that is not worth its time.
fn is_far_too_long(raw: &str) -> bool {
    raw.len() > Password::MAX * 32
}

fn normalize(raw: &str) -> Zeroizing<String> {
    Zeroizing::new(ComposingNormalizerBorrowed::new_nfkc().normalize(raw).into_owned())
}

/// Returns the words of a folded text that have at least three characters.
fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).map(str::to_owned).collect()
}

/// Returns true when both ends are guessable in fewer than about 10⁶ tries (a zxcvbn score of 0 or 1).
fn is_guessable(text: &str) -> bool {
    let text = repeated_part(text);
    let head: Zeroizing<String> = Zeroizing::new(text.chars().take(ASSESSED_CHARACTERS).collect());
    let length = text.chars().count();
    let tail: Zeroizing<String> =
        Zeroizing::new(text.chars().skip(length.saturating_sub(ASSESSED_CHARACTERS)).collect());
    let is_weak = |part: &str| {
        // zxcvbn knows only Latin keyboards and words. Ukrainian passwords are typed with the same keys.
        let keys: Zeroizing<String> = Zeroizing::new(part.chars().map(latin_key).collect());
        [part, &keys].iter().any(|text| zxcvbn::zxcvbn(text, &[]).score() < zxcvbn::Score::Two)
    };
    is_weak(&head) && (head == tail || is_weak(&tail))
}

/// Returns the part that the text repeats: `password1` for `password1password1`. Returns the whole text when it repeats
/// nothing.
fn repeated_part(text: &str) -> &str {
    let ends = text.char_indices().skip(1).map(|(index, _)| index);
    let is_period = |end: &usize| {
        text.bytes().enumerate().skip(*end).all(|(index, byte)| text.as_bytes().get(index - end) == Some(&byte))
    };
    ends.take_while(|end| end * 2 <= text.len()).find(is_period).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Returns the character of the same key on a Latin keyboard: `q` for `й`.
fn latin_key(c: char) -> char {
    const UKRAINIAN: &str = "йцукенгшщзхїфівапролджєячсмитьбю";
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
    let lower = c.to_lowercase().next().unwrap_or(c);
    UKRAINIAN.chars().zip(LATIN.chars()).find(|(ukrainian, _)| *ukrainian == lower).map_or(c, |(_, latin)| latin)
}

/// Hash of a password with its scheme and parameters, in the format of the hasher.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// Result of the check of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Match {
        /// True when the hash was created with parameters other than the current ones, so the password should be hashed
        /// again.
        outdated: bool,
    },
    /// The password is wrong.
    Mismatch,
}

/// Errors of a [`PasswordHasher`].
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// The queue is full; retry later.
    #[error("too many passwords are waiting to be hashed")]
    Overloaded,
    /// Hashing failed. It is a defect of the service.
    #[error("hashing failed")]
    Failed(#[source] Source),
}

/// Hashes passwords. Hashing is slow by design.
///
/// Work waits in a bounded queue that is fair among client networks, which take turns: `from` is the network of the
/// client. When the queue is full, work of the network with the most waiting work is displaced by work of
/// a network with less.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password. Every character counts, for any length or script. Two hashes of one password differ.
    ///
    /// # Errors
    /// `Overloaded` when the queue is full, or when the work is displaced.
    async fn hash(&self, password: &Password, from: LargestNetwork) -> Result<PasswordHash, HashingError>;

    /// Checks an attempt. Without a hash (no such account) it MUST do the same work and return `Mismatch`, so that
    /// timing does not reveal accounts.
    ///
    /// # Errors
    /// `Overloaded` when the queue is full, or when the work is displaced.
    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: LargestNetwork,
    ) -> Result<Verdict, HashingError>;

    /// Hashes an attempt that just matched, with the current parameters.
    ///
    /// # Errors
    /// `Overloaded` when the queue is full, or when the work is displaced.
    async fn rehash(&self, attempt: &PasswordAttempt, from: LargestNetwork) -> Result<PasswordHash, HashingError>;
}

#[cfg(test)]
mod tests {
    use super::repeated_part;

    #[test]
    fn repeated_part_begins_the_text_and_fits_twice() {
        for (text, part) in [
            ("abab", "ab"),
            ("ababa", "ab"),
            ("abcab", "abcab"),
            ("aaaa", "a"),
            ("їжїж", "їж"),
            ("abcabd", "abcabd"),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(repeated_part(text), part, "{text}");
        }
    }
}
