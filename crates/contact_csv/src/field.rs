//! Fields that a column can have.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::label;

/// Field of a column. Its text form is for users that map columns: `first_name`, `phone.work_fax`,
/// `address.home.city`, `email_label`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Title before the name.
    Prefix,
    /// First name.
    FirstName,
    /// Middle names, or patronymic.
    MiddleName,
    /// Last name.
    LastName,
    /// Generation or degree after the name.
    Suffix,
    /// Whole name. It counts when no part of the name is known.
    FullName,
    /// Pronunciation of the first name.
    PhoneticFirstName,
    /// Pronunciation of the last name.
    PhoneticLastName,
    /// Nickname.
    Nickname,
    /// Organization.
    Organization,
    /// Department.
    Department,
    /// Job title.
    JobTitle,
    /// Pronouns.
    Pronouns,
    /// Date of birth.
    Birthday,
    /// Year of birth.
    BirthYear,
    /// Month of birth.
    BirthMonth,
    /// Day of birth, in the month.
    BirthDay,
    /// Free text.
    Note,
    /// Tags.
    Categories,
    /// True or 1 for a favorite.
    Favorite,
    /// Identifier.
    Uid,
    /// E-mail, with the label of the column.
    Email(Option<&'static str>),
    /// Telephone number, with the label of the column.
    Phone(Option<&'static str>),
    /// Link, with the label of the column.
    Url(Option<&'static str>),
    /// Part of an address, with the label of the column.
    Address(Option<&'static str>, AddressPart),
    /// Label of the value beside it.
    Label(List),
    /// Nothing that belongs to a contact.
    Ignored,
}

/// List of a contact whose values have labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// E-mails.
    Email,
    /// Telephone numbers.
    Phone,
    /// Links.
    Url,
    /// Postal addresses.
    Address,
}

/// Part of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AddressPart {
    /// Post office box. It is read as part of the street.
    PostBox,
    /// Apartment or floor. It is read as part of the street.
    Extended,
    /// Street.
    Street,
    /// City.
    City,
    /// Region or state.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
    /// The whole address. It is read as street when no part is known.
    Formatted,
}

/// A text is no [`Field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no such field: write one such as first_name, email, phone.work, address.home.city or ignored")]
pub struct UnknownField;

const SINGLE: [(&str, Field); 22] = [
    ("prefix", Field::Prefix),
    ("first_name", Field::FirstName),
    ("middle_name", Field::MiddleName),
    ("last_name", Field::LastName),
    ("suffix", Field::Suffix),
    ("full_name", Field::FullName),
    ("phonetic_first_name", Field::PhoneticFirstName),
    ("phonetic_last_name", Field::PhoneticLastName),
    ("nickname", Field::Nickname),
    ("organization", Field::Organization),
    ("department", Field::Department),
    ("job_title", Field::JobTitle),
    ("pronouns", Field::Pronouns),
    ("birthday", Field::Birthday),
    ("birth_year", Field::BirthYear),
    ("birth_month", Field::BirthMonth),
    ("birth_day", Field::BirthDay),
    ("note", Field::Note),
    ("categories", Field::Categories),
    ("favorite", Field::Favorite),
    ("uid", Field::Uid),
    ("ignored", Field::Ignored),
];

const LISTS: [(&str, List); 4] =
    [("email", List::Email), ("phone", List::Phone), ("url", List::Url), ("address", List::Address)];

const PARTS: [(&str, AddressPart); 8] = [
    ("post_box", AddressPart::PostBox),
    ("extended", AddressPart::Extended),
    ("street", AddressPart::Street),
    ("city", AddressPart::City),
    ("region", AddressPart::Region),
    ("postal_code", AddressPart::PostalCode),
    ("country", AddressPart::Country),
    ("formatted", AddressPart::Formatted),
];

fn name_of<T: PartialEq>(names: &'static [(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, own)| own == value).map_or("", |(name, _)| name)
}

fn value_of<T: Copy>(names: &[(&str, T)], name: &str) -> Option<T> {
    names.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (list, label, part) = match self {
            Self::Email(label) => (List::Email, *label, None),
            Self::Phone(label) => (List::Phone, *label, None),
            Self::Url(label) => (List::Url, *label, None),
            Self::Address(label, part) => (List::Address, *label, Some(*part)),
            Self::Label(list) => return write!(formatter, "{}_label", name_of(&LISTS, list)),
            single => return formatter.write_str(name_of(&SINGLE, single)),
        };
        formatter.write_str(name_of(&LISTS, &list))?;
        if let Some(label) = label {
            write!(formatter, ".{}", label.replace(' ', "_"))?;
        }
        part.map_or(Ok(()), |part| write!(formatter, ".{}", name_of(&PARTS, &part)))
    }
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Self, UnknownField> {
        if let Some(single) = value_of(&SINGLE, name) {
            return Ok(single);
        }
        if let Some(list) = name.strip_suffix("_label") {
            return value_of(&LISTS, list).map(Self::Label).ok_or(UnknownField);
        }
        let mut words = name.split('.');
        let list = words.next().and_then(|word| value_of(&LISTS, word)).ok_or(UnknownField)?;
        let mut words: Vec<&str> = words.collect();
        let part = match list {
            List::Address => Some(words.pop().and_then(|word| value_of(&PARTS, word)).ok_or(UnknownField)?),
            _ => None,
        };
        let label = match words.as_slice() {
            [] => None,
            [label] => Some(label::known(&label.replace('_', " ")).ok_or(UnknownField)?),
            _ => return Err(UnknownField),
        };
        Ok(match (list, part) {
            (List::Email, _) => Self::Email(label),
            (List::Phone, _) => Self::Phone(label),
            (List::Url, _) => Self::Url(label),
            (List::Address, part) => Self::Address(label, part.unwrap_or(AddressPart::Formatted)),
        })
    }
}
