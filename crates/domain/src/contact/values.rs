//! The small values a contact is made of.

use std::str::FromStr;

use url::Url;

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
    /// What friends say.
    Nickname, single_line, 100
}
text_type! {
    /// A company, a club, a school.
    Organization, single_line, 200
}
text_type! {
    /// What they do there.
    JobTitle, single_line, 200
}
text_type! {
    /// Free text, over lines.
    Notes, multi_line, 5000
}
text_type! {
    /// What an address, a phone or a link is for: `home`, `work`, `дача`.
    Label, single_line, 50
}
text_type! {
    /// One part of a postal address.
    AddressLine, single_line, 200
}
text_type! {
    /// A word that groups contacts. Two that differ in case only are the same tag.
    Tag, single_line, 50
}

/// A value with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labeled<T> {
    /// What it is for, if said.
    pub label: Option<Label>,
    /// The value.
    pub value: T,
}

/// A contact's e-mail address: checked as [`Email`] is, kept as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContactEmail(String);

impl ContactEmail {
    /// Checks an address.
    ///
    /// # Errors
    /// As [`Email::parse`].
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        Email::parse(raw)?;
        Ok(Self(raw.trim().to_owned()))
    }

    /// Takes back an address that a store kept; it was checked before it was kept.
    #[must_use]
    pub fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// The address as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A telephone number: kept as it was typed, found by its digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// The greatest number of characters.
    pub const MAX: usize = 50;

    /// Checks a number: 2 to 20 digits (E.164 has 15; extensions and dial codes need more) between
    /// the marks people write, and an `ext`/`x` before an extension.
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

    /// Takes back a number that a store kept; it was checked before it was kept.
    #[must_use]
    pub fn from_stored(number: String) -> Self {
        Self(number)
    }

    /// The number as it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A link: absolute, `http` or `https`, so that showing it as a link is safe.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link(String);

impl Link {
    /// The greatest number of characters.
    pub const MAX: usize = 2000;

    /// Checks a link (WHATWG URL); kept as it was typed.
    ///
    /// # Errors
    /// `Blank`, `TooLong`, `ForbiddenCharacter` or `NotALink`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = single_line(raw, Self::MAX)?;
        let url = Url::parse(&text).map_err(|_| Invalid::NotALink)?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(Self(text)) } else { Err(Invalid::NotALink) }
    }

    /// Takes back a link that a store kept; it was checked before it was kept.
    #[must_use]
    pub fn from_stored(link: String) -> Self {
        Self(link)
    }

    /// The link as it was typed.
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

/// A postal address. Countries write them in too many ways to demand any part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostalAddress {
    /// Street, house, flat.
    pub street: Option<AddressLine>,
    /// City, town, village.
    pub city: Option<AddressLine>,
    /// Region, state, oblast.
    pub region: Option<AddressLine>,
    /// Postal code.
    pub postal_code: Option<AddressLine>,
    /// Country, in any form.
    pub country: Option<AddressLine>,
}
