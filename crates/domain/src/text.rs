//! What makes a value invalid, and the bounded text types.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointSetData,
    props::{BidiControl, DefaultIgnorableCodePoint, NoncharacterCodePoint},
};

/// Why a value was refused: a stable code for programs and a sentence for people that says the mend.
///
/// The place (a JSON pointer, a parameter's name) is added by whoever parsed the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Nothing that can be seen.
    #[error("must not be blank; give a value, or leave it out")]
    Blank,
    /// Fewer characters than allowed.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The least number of characters (Unicode scalar values).
        min: usize,
    },
    /// More characters, bytes or items than allowed.
    #[error("must have at most {max} {unit}")]
    TooLong {
        /// The greatest number of units.
        max: usize,
        /// What is counted: `characters`, `bytes`, `items`.
        unit: &'static str,
    },
    /// A control or bidirectional-override character.
    #[error("must not contain control or text-direction characters")]
    ForbiddenCharacter,
    /// Not an e-mail address.
    #[error("must be an e-mail address like name@example.com")]
    NotAnEmail,
    /// Not a telephone number.
    #[error("must be a telephone number: digits, spaces and + ( ) - . / , ; # * or ext., with 2 to 20 digits")]
    NotAPhoneNumber,
    /// Not a link that may be shown.
    #[error("must be an absolute http or https link")]
    NotALink,
    /// Not a birthday.
    #[error("must be a date that exists, as YYYY-MM-DD from the year 1 on, or --MM-DD without a year")]
    NotABirthday,
    /// A birthday after today.
    #[error("must not be in the future")]
    InTheFuture,
    /// Not a locale this service speaks.
    #[error("must be one of: en, uk")]
    UnknownLocale,
    /// Not a time zone of the IANA database.
    #[error("must be an IANA time zone like Europe/Kyiv")]
    UnknownTimezone,
    /// A password everybody guesses.
    #[error("is too easy to guess; take a longer or less common one")]
    PasswordTooCommon,
    /// A password made of the account's own name or address.
    #[error("is too close to your name or e-mail address; take another one")]
    PasswordSelfDerived,
    /// A contact with nothing to call it by.
    #[error(
        "must have at least one of: first_name, last_name, middle_name, nickname, organization, an e-mail, a phone"
    )]
    ContactEmpty,
    /// A sort order that names no known key, or one twice.
    #[error(
        "must be a comma list of first_name, last_name, created_at, updated_at, birthday, each at most once, - before a key for descending"
    )]
    UnknownSort,
    /// Neither `true` nor `false`.
    #[error("must be true or false")]
    NotABoolean,
    /// Not a whole number, or outside its bounds.
    #[error("must be a whole number from {min} to {max}")]
    OutOfRange {
        /// The least number.
        min: u64,
        /// The greatest number.
        max: u64,
    },
    /// A search that would have to match too many words.
    #[error("must have at most {max} words")]
    TooManyWords {
        /// The greatest number of words.
        max: usize,
    },
    /// Not what a client may name a request.
    #[error("must be 1 to 255 visible ASCII characters, a UUID for example")]
    NotAnIdempotencyKey,
}

impl Invalid {
    /// A stable kebab-case code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooShort { .. } => "too-short",
            Self::TooLong { .. } => "too-long",
            Self::ForbiddenCharacter => "forbidden-character",
            Self::NotAnEmail => "invalid-email",
            Self::NotAPhoneNumber => "invalid-phone",
            Self::NotALink => "invalid-url",
            Self::NotABirthday => "invalid-birthday",
            Self::InTheFuture => "in-the-future",
            Self::UnknownLocale => "unknown-locale",
            Self::UnknownTimezone => "unknown-timezone",
            Self::PasswordTooCommon => "password-too-common",
            Self::PasswordSelfDerived => "password-self-derived",
            Self::ContactEmpty => "contact-empty",
            Self::UnknownSort => "unknown-sort",
            Self::NotABoolean => "invalid-boolean",
            Self::OutOfRange { .. } => "out-of-range",
            Self::TooManyWords { .. } => "too-many-words",
            Self::NotAnIdempotencyKey => "invalid-idempotency-key",
        }
    }
}

/// Whether a character may not stand in any text: control characters, noncharacters, and those that
/// turn the direction of what follows (Unicode property `Bidi_Control`; "Trojan Source").
pub(crate) fn is_forbidden(character: char) -> bool {
    character.is_control()
        || CodePointSetData::new::<BidiControl>().contains(character)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(character)
}

/// NFC, so that the same text typed on two systems is the same bytes; then trimmed and checked.
fn clean(raw: &str, max: usize, allowed: fn(char) -> bool) -> Result<String, Invalid> {
    // Bounds the work: NFC never makes one character of more than four, so this is far too long.
    if raw.len() > max.saturating_mul(32) {
        return Err(Invalid::TooLong { max, unit: "characters" });
    }
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(raw.trim()).into_owned();
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    if text.chars().all(|c| c.is_whitespace() || ignorable.contains(c)) {
        return Err(Invalid::Blank);
    }
    if text.chars().any(|c| is_forbidden(c) && !allowed(c)) {
        return Err(Invalid::ForbiddenCharacter);
    }
    if text.chars().count() > max {
        return Err(Invalid::TooLong { max, unit: "characters" });
    }
    Ok(text)
}

/// One line of text, in NFC, trimmed, without control characters, of at most `max` characters.
///
/// # Errors
/// `Blank`, `TooLong` or `ForbiddenCharacter`.
pub fn single_line(raw: &str, max: usize) -> Result<String, Invalid> {
    clean(raw, max, |_| false)
}

/// Text that may run over lines (line feed, carriage return and tab are kept).
///
/// # Errors
/// `Blank`, `TooLong` or `ForbiddenCharacter`.
pub fn multi_line(raw: &str, max: usize) -> Result<String, Invalid> {
    clean(raw, max, |c| matches!(c, '\n' | '\r' | '\t'))
}

/// Declares a bounded text type: NFC, trimmed, never blank, no control characters.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $rule:path, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The greatest number of characters (Unicode scalar values).
            pub const MAX: usize = $max;

            /// Normalises and checks the text.
            ///
            /// # Errors
            /// [`Invalid`](crate::text::Invalid): blank, too long, or a forbidden character.
            pub fn parse(raw: &str) -> Result<Self, crate::text::Invalid> {
                $rule(raw, Self::MAX).map(Self)
            }

            /// Takes back a text that a store kept; it was checked before it was kept.
            #[must_use]
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::text::Invalid;

            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                Self::parse(raw)
            }
        }
    };
}
pub(crate) use text_type;
