//! Value types of a contact.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;
use url::Url;

use super::{
    Birthday, MonthDay,
    card_reader::{Member, Reader},
};
use crate::{
    account::Email,
    folding::digits,
    text::{Invalid, multi_line, single_line, text_type},
};

text_type! {
    /// A first, middle or last name.
    PersonName, single_line, 100
}
text_type! {
    /// Nickname.
    Nickname, single_line, 100
}
text_type! {
    /// Company, club or school.
    Organization, single_line, 200
}
text_type! {
    /// Job title.
    JobTitle, single_line, 200
}
text_type! {
    /// Free text of one or more lines.
    Notes, multi_line, 5000
}
text_type! {
    /// Purpose of an address, a phone or a link: `home`, `work`, `дача`.
    Label, single_line, 50
}
text_type! {
    /// One part of a postal address.
    AddressLine, single_line, 200
}
text_type! {
    /// Tag that groups contacts. Tags that differ only in case are the same tag.
    Tag, single_line, 50
}

/// E-mail of a contact: validated like [`Email`], stored as typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactEmail(String);

impl ContactEmail {
    /// Maximum number of UTF-8 bytes.
    pub const MAX: usize = Email::MAX_BYTES;

    /// Validates an e-mail.
    ///
    /// # Errors
    /// As [`Email::parse`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        Email::parse(raw)?;
        Ok(Self(raw.trim().to_owned()))
    }

    /// Creates the value from a stored e-mail, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// Returns the e-mail as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Telephone number: stored as typed, searched by its digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Maximum number of characters.
    pub const MAX: usize = 50;

    /// Validates a number: 2 to 20 digits (E.164 has 15; extensions and dial codes need more), the usual punctuation,
    /// and `ext` or `x` before an extension.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotAPhoneNumber`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = single_line(raw, Self::MAX)?;
        let written = text.to_ascii_lowercase().replacen("ext", "", 1).replacen('x', "", 1);
        let only_marks = written.chars().all(|c| c.is_ascii_digit() || " +()-./,;#*\u{a0}\u{2010}\u{2011}".contains(c));
        if only_marks && (2..=20).contains(&digits(&text).len()) {
            Ok(Self(text))
        } else {
            Err(Invalid::NotAPhoneNumber)
        }
    }

    /// Creates the value from a stored number, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(number: String) -> Self {
        Self(number)
    }

    /// Returns the number as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Absolute `http` or `https` link, so that it is safe to display as a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link(String);

impl Link {
    /// Maximum number of characters.
    pub const MAX: usize = 2000;

    /// Validates a link (WHATWG URL). It is stored as typed.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotALink`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = single_line(raw, Self::MAX)?;
        let url = Url::parse(&text).map_err(|_| Invalid::NotALink)?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(Self(text)) } else { Err(Invalid::NotALink) }
    }

    /// Creates the value from a stored link, without validation: it was validated before it was stored.
    #[must_use]
    pub fn from_stored(link: String) -> Self {
        Self(link)
    }

    /// Returns the link as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! from_text {
    ($($name:ident),*) => { $(
        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(raw: &str) -> Result<Self, Invalid> {
                Self::parse(raw)
            }
        }
    )* };
}
from_text!(ContactEmail, PhoneNumber, Link);

/// The JSON form of a text: a string. A stored string is not validated, that of a client is.
macro_rules! text_in_json {
    ($($name:ident),* $(,)?) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from_stored)
            }
        }

        impl Member for $name {
            fn read(value: Value, reader: &mut Reader) -> Option<Self> {
                reader.text(&value, Self::parse)
            }

            fn stand_in() -> Self {
                Self::from_stored(String::new())
            }
        }
    )* };
}
text_in_json!(
    AddressLine,
    ContactEmail,
    JobTitle,
    Label,
    Link,
    Nickname,
    Notes,
    Organization,
    PersonName,
    PhoneNumber,
    Tag,
);

impl Serialize for Birthday {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Birthday {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Member for Birthday {
    fn read(value: Value, reader: &mut Reader) -> Option<Self> {
        reader.text(&value, Self::from_str)
    }

    fn stand_in() -> Self {
        Self::without_year(MonthDay::FIRST)
    }
}
