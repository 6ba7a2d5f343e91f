//! The user and the small values a user is made of.

use std::str::FromStr;

use super::{Email, PasswordHash};
use crate::{
    picture::PictureKey,
    text::{Invalid, single_line, text_type},
    time::{Instant, id_type},
};

id_type! {
    /// Names a user.
    UserId
}

text_type! {
    /// What a user wants to be called; need not be unique.
    Username, single_line, 50
}

/// A language this service speaks, in mails and on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Ukrainian.
    Uk,
}

impl Locale {
    /// The BCP 47 language tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Uk => "uk",
        }
    }
}

impl FromStr for Locale {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        match raw {
            "en" => Ok(Self::En),
            "uk" => Ok(Self::Uk),
            _ => Err(Invalid::UnknownLocale),
        }
    }
}

/// A time zone of the IANA database. It decides what "today" is for a user's birthdays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timezone(chrono_tz::Tz);

impl Timezone {
    /// The calendar day at that moment in this zone.
    #[must_use]
    pub fn day_at(self, moment: Instant) -> chrono::NaiveDate {
        moment.with_timezone(&self.0).date_naive()
    }

    /// The name in the IANA database.
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
        raw.parse().map(Self).map_err(|_| Invalid::UnknownTimezone)
    }
}

/// A person with an account; owns contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id; never changes.
    pub id: UserId,
    /// What they want to be called.
    pub username: Username,
    /// Where they are reached, and what they sign in with; unique among users.
    pub email: Email,
    /// Whether they have shown that `email` is theirs.
    pub email_verified: bool,
    /// The address they want instead, once they have shown that it is theirs too.
    pub pending_email: Option<Email>,
    /// Their picture, if they gave one.
    pub avatar: Option<PictureKey>,
    /// The language of mails and pages.
    pub locale: Locale,
    /// Where their day begins.
    pub timezone: Timezone,
    /// Whether a sign-in from a new device is reported to them by mail.
    pub notify_new_device: bool,
    /// When they registered.
    pub created_at: Instant,
}

/// A user with what proves a password right. Kept apart, so that no hash travels with a [`User`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: User,
    /// The hash of their password.
    pub password_hash: PasswordHash,
}
