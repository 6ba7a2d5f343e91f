//! Passwords: what may be chosen, what may be tried, and the port that hashes them.

use std::str::FromStr;

use async_trait::async_trait;
use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::Zeroizing;

use crate::{client::ClientNetwork, folding::fold, store::Source, text::Invalid};

/// zxcvbn's work explodes with the length of hostile texts: 16 characters cost 5 ms at most, 40 cost
/// 90. A password is judged by its beginning and its end.
const ASSESSED_CHARACTERS: usize = 16;

/// Letters and digits that a password must have besides the words everybody knows of its owner.
const MIN_OWN_CHARACTERS: usize = 5;

/// A password somebody chooses: 8 to 128 characters of any script, after NFKC
/// (NIST SP 800-63B, 3.1.1.2), not guessable at once. `Debug` does not show it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The least number of characters.
    pub const MIN: usize = 8;
    /// The greatest number of characters.
    pub const MAX: usize = 128;

    /// Checks a new password. No rules of composition; common ones are refused.
    ///
    /// # Errors
    /// `TooShort`, `TooLong`, `ForbiddenCharacter` (NUL only) or `PasswordTooCommon`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.len() > Self::MAX * 32 {
            return Err(Invalid::TooLong { max: Self::MAX, unit: "characters" });
        }
        let text = normalise(raw);
        if text.contains('\0') {
            return Err(Invalid::ForbiddenCharacter);
        }
        let length = text.chars().count();
        if length < Self::MIN {
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

    /// Refuses a password made of what everybody knows about its owner: without those words, fewer
    /// than five letters and digits are left of it.
    ///
    /// # Errors
    /// `PasswordSelfDerived`.
    pub fn check_not_derived_from(&self, known: &[&str]) -> Result<(), Invalid> {
        let mut rest = fold(&self.0);
        let mut words: Vec<String> = known.iter().flat_map(|text| words_of(&fold(text))).collect();
        // The longest first, so that no part of a longer word is left over.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let has_any = words.iter().any(|word| rest.contains(word));
        for word in &words {
            rest = rest.replace(word, " ");
        }
        let own_characters = rest.chars().filter(|c| c.is_alphanumeric()).count();
        if has_any && own_characters < MIN_OWN_CHARACTERS { Err(Invalid::PasswordSelfDerived) } else { Ok(()) }
    }

    /// The normalised text, for the hasher only.
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

/// A password somebody tries at sign-in: any text, since only the right one will do.
#[derive(Clone)]
pub struct PasswordAttempt(Zeroizing<String>);

impl PasswordAttempt {
    /// Takes what was typed, normalised as [`Password`] is.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        // Beyond any password that could have been chosen: do not spend time normalising it.
        if raw.len() > Password::MAX * 32 { Self(Zeroizing::new(String::new())) } else { Self(normalise(raw)) }
    }

    /// The normalised text, for the hasher only.
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

fn normalise(raw: &str) -> Zeroizing<String> {
    Zeroizing::new(ComposingNormalizerBorrowed::new_nfkc().normalize(raw).into_owned())
}

/// The words of a folded text that are long enough to be recognised.
fn words_of(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).map(str::to_owned).collect()
}

/// Guessable in fewer than about 10⁶ tries (a zxcvbn score of 0 or 1), at both ends.
fn is_guessable(text: &str) -> bool {
    let text = repeated_part(text);
    let head: Zeroizing<String> = Zeroizing::new(text.chars().take(ASSESSED_CHARACTERS).collect());
    let length = text.chars().count();
    let tail: Zeroizing<String> =
        Zeroizing::new(text.chars().skip(length.saturating_sub(ASSESSED_CHARACTERS)).collect());
    let is_weak = |part: &str| {
        // zxcvbn knows Latin keyboards and words only; who types Ukrainian presses the same keys.
        let keys: Zeroizing<String> = Zeroizing::new(part.chars().map(latin_key).collect());
        [part, &keys].iter().any(|text| zxcvbn::zxcvbn(text, &[]).score() < zxcvbn::Score::Two)
    };
    is_weak(&head) && (head == tail || is_weak(&tail))
}

/// The part that the text repeats: `password1` of `password1password1`, all of it when it repeats
/// nothing.
fn repeated_part(text: &str) -> &str {
    let ends = text.char_indices().skip(1).map(|(index, _)| index);
    let is_period = |end: &usize| {
        text.bytes().enumerate().skip(*end).all(|(index, byte)| text.as_bytes().get(index - end) == Some(&byte))
    };
    ends.take_while(|end| end * 2 <= text.len()).find(is_period).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What the same key gives on a Latin keyboard: `й` is where `q` is.
fn latin_key(c: char) -> char {
    const UKRAINIAN: &str = "йцукенгшщзхїфівапролджєячсмитьбю";
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
    let lower = c.to_lowercase().next().unwrap_or(c);
    UKRAINIAN.chars().zip(LATIN.chars()).find(|(ukrainian, _)| *ukrainian == lower).map_or(c, |(_, latin)| latin)
}

/// A password's hash, with its scheme and parameters inside, as the hasher wrote it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// What a hasher says of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The right password. `outdated`: the hash was made with other parameters than today's.
    Match {
        /// Whether the password should be hashed anew.
        outdated: bool,
    },
    /// Not the password.
    Mismatch,
}

/// Why there is no hash or verdict.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// More is waiting than can be done soon; try again later.
    #[error("too many passwords wait to be hashed")]
    Overloaded,
    /// A fault of ours.
    #[error("hashing failed")]
    Failed(#[source] Source),
}

/// Hashes passwords, slowly on purpose.
///
/// Work waits in a bounded queue that is fair among client networks (`from`, see [`ClientNetwork::largest_of`]): they take
/// turns, and when the queue is full, work of the network with the most waiting is displaced by that of a network with
/// less.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password. Every character counts, whatever its length or script; two hashes of one
    /// password differ.
    ///
    /// # Errors
    /// `Overloaded` when the queue is full, or when the work is displaced.
    async fn hash(&self, password: &Password, from: ClientNetwork) -> Result<PasswordHash, HashingError>;

    /// Checks an attempt. Without a hash (nobody by that name) it MUST do the same work and say
    /// `Mismatch`, so that time tells nothing.
    ///
    /// # Errors
    /// `Overloaded` when the queue is full, or when the work is displaced.
    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: ClientNetwork,
    ) -> Result<Verdict, HashingError>;

    /// Hashes an attempt that was just found right, with today's parameters.
    ///
    /// # Errors
    /// `Overloaded` when the queue is full, or when the work is displaced.
    async fn rehash(&self, attempt: &PasswordAttempt, from: ClientNetwork) -> Result<PasswordHash, HashingError>;
}
