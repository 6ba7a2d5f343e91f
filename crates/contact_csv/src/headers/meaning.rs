//! Meanings of names, and short forms of them for the tables.

use crate::field::{
    AddressPart::{City, Country, Extended, Formatted, PostBox, PostalCode, Region, Street},
    Field,
};

/// Meaning of the name of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Always this field.
    Is(Field),
    /// Title before the name, or job title: Outlook calls both so.
    Title,
    /// City in tables of people; not used in Outlook.
    Location,
}

/// Names of one language, and their meanings.
pub(super) type Names = &'static [(&'static str, Meaning)];

pub(super) const HOME: Option<&str> = Some("home");
pub(super) const WORK: Option<&str> = Some("work");
pub(super) const OTHER: Option<&str> = Some("other");

pub(super) const fn is(field: Field) -> Meaning {
    Meaning::Is(field)
}

pub(super) const fn email() -> Meaning {
    is(Field::Email(None))
}

pub(super) const fn phone(label: &'static str) -> Meaning {
    is(Field::Phone(Some(label)))
}

pub(super) const fn street(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, Street))
}

pub(super) const fn city(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, City))
}

pub(super) const fn region(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, Region))
}

pub(super) const fn postal_code(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, PostalCode))
}

pub(super) const fn country(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, Country))
}

pub(super) const fn post_box(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, PostBox))
}

pub(super) const fn extended(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, Extended))
}

pub(super) const fn formatted(label: Option<&'static str>) -> Meaning {
    is(Field::Address(label, Formatted))
}
