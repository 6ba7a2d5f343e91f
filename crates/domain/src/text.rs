//! Validation errors of values, and the bounded text types.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{CodePointSetData, props::NoncharacterCodePoint};

use crate::invisible::{one_line, trimmed};

/// Reason for rejecting a value: a stable code for programs, and a sentence with what to send instead.
///
/// The position (a JSON pointer, or the name of a parameter) is added by the caller that parsed the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The text has no visible character.
    #[error("must not be blank; send a value, or leave the field out")]
    Blank,
    /// The text has fewer characters than allowed.
    #[error("must have at least {min} characters")]
    TooShort {
        /// Minimum number of characters (Unicode scalar values).
        min: usize,
    },
    /// The value has more characters, bytes or items than allowed.
    #[error("must have at most {max} {unit}")]
    TooLong {
        /// Maximum number of units.
        max: usize,
        /// Unit that is counted: `characters`, `bytes`, `items`.
        unit: &'static str,
    },
    /// The text contains a control character or a noncharacter.
    #[error("must not contain control characters")]
    ForbiddenCharacter,
    /// The text is not an e-mail address.
    #[error("must be an e-mail address like name@example.com")]
    NotAnEmail,
    /// The text is not a telephone number.
    #[error("must be a telephone number: digits, spaces and + ( ) - . / , ; # * or ext., with 2 to 40 digits")]
    NotAPhoneNumber,
    /// The text is not a link of a known scheme.
    #[error("must be a link like https://example.com, mailto:name@example.com or tel:+380671112233")]
    NotALink,
    /// The text is not a birthday.
    #[error("must be a date that exists, as YYYY-MM-DD from the year 1 on, or --MM-DD without a year")]
    NotABirthday,
    /// The birthday is after today.
    #[error("must not be in the future")]
    InTheFuture,
    /// The text is not a time.
    #[error("must be a time like 2027-01-31T12:00:00Z")]
    NotATime,
    /// The time is not after the current one.
    #[error("must be in the future")]
    NotInTheFuture,
    /// No scope has this name.
    #[error("must be one of: carddav, api:read, api:write")]
    UnknownScope,
    /// The list has no scope.
    #[error("must have at least one scope; leave the field out for carddav")]
    NoScope,
    /// The service does not support the locale.
    #[error("must be one of: en, uk")]
    UnknownLocale,
    /// The IANA database does not contain the time zone.
    #[error("must be an IANA time zone like Europe/Kyiv")]
    UnknownTimezone,
    /// The password is easy to guess.
    #[error("is too easy to guess; choose a longer or less common one")]
    PasswordTooCommon,
    /// The password is derived from the username or the e-mail of the account.
    #[error("is too similar to your name or e-mail address; choose another one")]
    PasswordSelfDerived,
    /// The contact has no name, organization, e-mail or phone.
    #[error(
        "must have at least one of: first_name, last_name, middle_name, nickname, organization, an e-mail, a phone"
    )]
    ContactEmpty,
    /// The sort order contains an unknown key, or one key twice.
    #[error(
        "must be a comma-separated list of first_name, last_name, created_at, updated_at, birthday, each at most once; put - before a key for descending order"
    )]
    UnknownSort,
    /// The search has too many words.
    #[error("must have at most {max} words")]
    TooManyWords {
        /// Maximum number of words.
        max: usize,
    },
}

impl Invalid {
    /// Returns the stable kebab-case code of the error.
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
            Self::NotATime => "invalid-time",
            Self::NotInTheFuture => "not-in-the-future",
            Self::UnknownScope => "unknown-scope",
            Self::NoScope => "no-scope",
            Self::UnknownLocale => "unknown-locale",
            Self::UnknownTimezone => "unknown-timezone",
            Self::PasswordTooCommon => "password-too-common",
            Self::PasswordSelfDerived => "password-self-derived",
            Self::ContactEmpty => "contact-empty",
            Self::UnknownSort => "unknown-sort",
            Self::TooManyWords { .. } => "too-many-words",
        }
    }
}

/// Returns true for characters that no text may contain: control characters and noncharacters.
pub(crate) fn is_forbidden(character: char) -> bool {
    character.is_control() || CodePointSetData::new::<NoncharacterCodePoint>().contains(character)
}

/// Returns the text in NFC, after checking it. NFC gives the same text typed on two systems the same bytes.
fn clean(raw: &str, max: usize, tidy: impl Fn(&str) -> String, allowed: fn(char) -> bool) -> Result<String, Invalid> {
    // Bounds the work before normalization. NFC combines at most four characters into one, so a text of this length is
    // always too long.
    if raw.len() > max.saturating_mul(32) {
        return Err(Invalid::TooLong { max, unit: "characters" });
    }
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    let mut text = nfc.normalize(raw).into_owned();
    // Dropping a character can reorder the marks around it, which can make another one invisible.
    loop {
        let tidied = nfc.normalize(&tidy(&text)).into_owned();
        if tidied == text {
            break;
        }
        text = tidied;
    }
    if trimmed(&text).is_empty() {
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

/// Returns one line of text: NFC, at most `max` characters, without control characters. Invisible characters are dropped,
/// blanks are trimmed and become one space.
///
/// # Errors
/// `Blank`, `TooLong` or `ForbiddenCharacter`.
pub fn single_line(raw: &str, max: usize) -> Result<String, Invalid> {
    clean(raw, max, one_line, |_| false)
}

/// Returns text of one or more lines: NFC, trimmed, at most `max` characters. Line feed, carriage return and tab are
/// allowed. Blanks and invisible characters inside the text stay.
///
/// # Errors
/// `Blank`, `TooLong` or `ForbiddenCharacter`.
pub fn multi_line(raw: &str, max: usize) -> Result<String, Invalid> {
    clean(raw, max, |raw| raw.trim().to_owned(), |c| matches!(c, '\n' | '\r' | '\t'))
}

/// Declares a bounded text type. Its rule is [`single_line`] or [`multi_line`].
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $rule:path, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// Maximum number of characters (Unicode scalar values).
            pub const MAX: usize = $max;

            /// Normalizes and validates the text.
            ///
            /// # Errors
            /// [`Invalid`](crate::text::Invalid): blank, too long, or a forbidden character.
            pub fn parse(raw: &str) -> Result<Self, crate::text::Invalid> {
                $rule(raw, Self::MAX).map(Self)
            }

            /// Creates the value from stored text, without validation: it was validated before it was stored.
            #[must_use]
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// Returns the normalized text.
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
