//! Keyset cursors: a position in a sort order instead of an offset. So no page repeats or skips contacts when others
//! are added or removed.

use super::{Birthday, Contact, Sort, SortKey, SortedMembers, StoredSortKeys};
use crate::{collation::sort_key, ids::ContactId, time::Timestamp};

/// Value of a sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// The [`sort_key`] of a name.
    Text(Vec<u8>),
    /// Timestamp.
    Time(Timestamp),
    /// The [`ordinal`](super::MonthDay::ordinal) of a birthday, or [`SortValue::NO_BIRTHDAY`].
    Day(u32),
}

impl SortValue {
    /// Value of a missing birthday: greater than every day of the year.
    pub const NO_BIRTHDAY: u32 = 9999;

    /// Returns the value of a contact for a sort key; `members` are those of its card.
    #[must_use]
    pub fn of(contact: &Contact, members: &SortedMembers, key: SortKey) -> Self {
        match key {
            SortKey::FirstName => Self::Text(sort_key(members.first_name.as_ref().map(super::PersonName::as_str))),
            SortKey::LastName => Self::Text(sort_key(members.last_name.as_ref().map(super::PersonName::as_str))),
            SortKey::CreatedAt => Self::Time(contact.created_at),
            SortKey::UpdatedAt => Self::Time(contact.updated_at),
            SortKey::Birthday => Self::Day(birthday_sort(members.birthday)),
        }
    }

    /// Returns true when the value has the type of the key.
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

/// Returns the stored value of a sort key that depends on the card; `None` for the others.
fn stored_value(keys: &StoredSortKeys, key: SortKey) -> Option<SortValue> {
    match key {
        SortKey::FirstName => Some(SortValue::Text(keys.first_name.clone())),
        SortKey::LastName => Some(SortValue::Text(keys.last_name.clone())),
        SortKey::Birthday => Some(SortValue::Day(keys.birthday)),
        SortKey::CreatedAt | SortKey::UpdatedAt => None,
    }
}

/// Returns the sort value of a birthday.
pub(super) fn birthday_sort(birthday: Option<Birthday>) -> u32 {
    birthday.map_or(SortValue::NO_BIRTHDAY, |birthday| birthday.month_day().ordinal())
}

/// Position of a contact in a sort order. It stores the values of the contact at that time, one per key of the sort.
/// The contact itself may have been deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    values: Vec<SortValue>,
    id: ContactId,
}

impl Cursor {
    /// Creates the cursor of a contact in a list: the position by which the store has sorted it.
    #[must_use]
    pub fn at(contact: &Contact, sort: &Sort) -> Self {
        let members = contact.card.sorted_members();
        let value = |key| {
            let stored = contact.stored_keys.as_deref().and_then(|keys| stored_value(keys, key));
            stored.unwrap_or_else(|| SortValue::of(contact, &members, key))
        };
        let values = sort.keys().iter().map(|(key, _)| value(*key)).collect();
        Self { values, id: contact.id }
    }

    /// Creates a cursor from its parts. Returns `None` when the values do not match the sort.
    #[must_use]
    pub fn new(values: Vec<SortValue>, id: ContactId, sort: &Sort) -> Option<Self> {
        let fits = values.len() == sort.keys().len()
            && values.iter().zip(sort.keys()).all(|(value, (key, _))| value.fits(*key));
        fits.then_some(Self { values, id })
    }

    /// Returns one value per key of the sort.
    #[must_use]
    pub fn values(&self) -> &[SortValue] {
        &self.values
    }

    /// Returns the id, which orders contacts with equal values.
    #[must_use]
    pub fn id(&self) -> ContactId {
        self.id
    }
}
