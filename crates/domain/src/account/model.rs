//! The user and its value types.

use std::str::FromStr;

use super::{Email, PasswordHash};
use crate::{
    ids::UserId,
    invisible::trimmed,
    picture::PictureKey,
    text::{Invalid, single_line, text_type},
    time::Timestamp,
};

text_type! {
    /// Display name of a user; need not be unique.
    Username, single_line, 50
}

/// Supported language of mails and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Ukrainian.
    Uk,
}

impl Locale {
    /// Returns the BCP 47 language tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Uk => "uk",
        }
    }
}

/// Parses a BCP 47 language tag. Only its language counts: `uk-UA` is `uk`.
impl FromStr for Locale {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        // Operating systems write `uk_UA`.
        let tag = trimmed(raw).replace('_', "-");
        // The parser accepts other characters in an extension, as in `uk-1-a*`.
        if !tag.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
            return Err(Invalid::UnknownLocale);
        }
        let tag = icu_locale_core::Locale::try_from_str(&tag).map_err(|_| Invalid::UnknownLocale)?;
        match tag.id.language.as_str() {
            "en" => Ok(Self::En),
            "uk" => Ok(Self::Uk),
            _ => Err(Invalid::UnknownLocale),
        }
    }
}

/// Time zone of the IANA database. It defines "today" for birthdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timezone(chrono_tz::Tz);

impl Timezone {
    /// Returns the calendar day in this zone at a timestamp.
    #[must_use]
    pub fn day_at(self, moment: Timestamp) -> chrono::NaiveDate {
        moment.with_timezone(&self.0).date_naive()
    }

    /// Returns the name in the IANA database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }
}

impl Default for Timezone {
    fn default() -> Self {
        Self(chrono_tz::Tz::UTC)
    }
}

impl FromStr for Timezone {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        trimmed(raw).parse().map(Self).map_err(|_| Invalid::UnknownTimezone)
    }
}

/// User of the service; owner of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id; never changes.
    pub id: UserId,
    /// Display name.
    pub username: Username,
    /// E-mail of the account, used to sign in; unique among users.
    pub email: Email,
    /// True when the user has verified `email`.
    pub email_verified: bool,
    /// Pending e-mail, which replaces `email` once the user has verified it.
    pub pending_email: Option<Email>,
    /// Avatar, if set.
    pub avatar: Option<PictureKey>,
    /// Language of mails and pages.
    pub locale: Locale,
    /// Time zone of the user.
    pub timezone: Timezone,
    /// True when sign-ins from new devices are reported by mail.
    pub notify_new_device: bool,
    /// Time of the registration.
    pub created_at: Timestamp,
}

/// User with the password hash. A separate type, so that a [`User`] never contains a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: User,
    /// Hash of the password.
    pub password_hash: PasswordHash,
    /// True when the operator has disabled the account.
    pub is_disabled: bool,
}
