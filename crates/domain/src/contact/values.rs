//! Value types of a contact.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use super::{
    Birthday, ContactEmail, Link, MonthDay, PhoneNumber,
    card_reader::{Member, Reader},
};
use crate::text::{Invalid, multi_line, single_line, text_type};

text_type! {
    /// One part of a name: prefix, first, middle or last name, suffix.
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
    /// Label of an e-mail, a phone, an address or a link: `home`, `work`, `дача`.
    Label, single_line, 50
}
text_type! {
    /// One part of a postal address.
    AddressLine, single_line, 200
}
text_type! {
    /// Tag of a group of contacts. Tags that differ only in case, dashes or apostrophes are equal.
    Tag, single_line, 50
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

/// Implements the JSON form of texts: a string. A string of a client is validated, a stored one is not.
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
