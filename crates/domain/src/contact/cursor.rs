//! Keyset cursors: a place in an order, not a number of rows, so that a page neither repeats nor
//! skips contacts while others are added or removed.

use super::{Contact, ContactId, Sort, SortKey};
use crate::{folding::sort_key, time::Instant};

/// A value that contacts are ordered by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// A name's [`sort_key`].
    Text(Vec<u8>),
    /// A time.
    Time(Instant),
    /// A birthday's [`ordinal`](super::MonthDay::ordinal), or [`SortValue::NO_BIRTHDAY`].
    Day(u32),
}

impl SortValue {
    /// Stands for "no birthday": after every day of the year.
    pub const NO_BIRTHDAY: u32 = 9999;

    /// The value of a contact under a key.
    #[must_use]
    pub fn of(contact: &Contact, key: SortKey) -> Self {
        let details = &contact.details;
        match key {
            SortKey::FirstName => Self::Text(sort_key(details.first_name.as_ref().map(super::PersonName::as_str))),
            SortKey::LastName => Self::Text(sort_key(details.last_name.as_ref().map(super::PersonName::as_str))),
            SortKey::CreatedAt => Self::Time(contact.created_at),
            SortKey::UpdatedAt => Self::Time(contact.updated_at),
            SortKey::Birthday => {
                Self::Day(details.birthday.map_or(Self::NO_BIRTHDAY, |birthday| birthday.month_day().ordinal()))
            }
        }
    }

    /// Whether the value is one of that key's kind.
    #[must_use]
    pub fn fits(&self, key: SortKey) -> bool {
        matches!(
            (self, key),
            (Self::Text(_), SortKey::FirstName | SortKey::LastName)
                | (Self::Time(_), SortKey::CreatedAt | SortKey::UpdatedAt)
                | (Self::Day(_), SortKey::Birthday)
        )
    }
}

/// The place of one contact in one order. Its values are those of the contact at the time, one for
/// each key of the sort; the contact itself may be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    values: Vec<SortValue>,
    id: ContactId,
}

impl Cursor {
    /// The place of a contact.
    #[must_use]
    pub fn at(contact: &Contact, sort: &Sort) -> Self {
        let values = sort.keys().iter().map(|(key, _)| SortValue::of(contact, *key)).collect();
        Self { values, id: contact.id }
    }

    /// Makes a cursor of its parts; `None` when they do not fit the sort.
    #[must_use]
    pub fn new(values: Vec<SortValue>, id: ContactId, sort: &Sort) -> Option<Self> {
        let fits = values.len() == sort.keys().len()
            && values.iter().zip(sort.keys()).all(|(value, (key, _))| value.fits(*key));
        fits.then_some(Self { values, id })
    }

    /// One value for each key of the sort it was made for.
    #[must_use]
    pub fn values(&self) -> &[SortValue] {
        &self.values
    }

    /// The id, which decides between equals.
    #[must_use]
    pub fn id(&self) -> ContactId {
        self.id
    }
}
