//! Sort orders of the list of contacts.

use std::str::FromStr;

use crate::text::Invalid;

/// Sort keys. Contacts without the value sort after all contacts that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// First name, in the order of [`sort_key`](crate::collation::sort_key).
    FirstName,
    /// Last name, in the order of [`sort_key`](crate::collation::sort_key).
    LastName,
    /// Time of creation.
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// Birthday, by month and day.
    Birthday,
}

/// Sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Lowest value first.
    Ascending,
    /// Highest value first.
    Descending,
}

/// Sort order. Contacts with equal keys are ordered by ascending id, so the order is total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort(Vec<(SortKey, Direction)>);

impl Sort {
    /// Returns the order by time of creation, the oldest first.
    #[must_use]
    pub fn by_creation() -> Self {
        Self(vec![(SortKey::CreatedAt, Direction::Ascending)])
    }

    /// Returns the order by birthday, then by name.
    #[must_use]
    pub fn by_birthday() -> Self {
        let keys = [SortKey::Birthday, SortKey::LastName, SortKey::FirstName];
        Self(keys.map(|key| (key, Direction::Ascending)).to_vec())
    }

    /// Returns the keys, the most significant first. Never empty.
    #[must_use]
    pub fn keys(&self) -> &[(SortKey, Direction)] {
        &self.0
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self(vec![(SortKey::LastName, Direction::Ascending), (SortKey::FirstName, Direction::Ascending)])
    }
}

impl FromStr for Sort {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let mut keys: Vec<(SortKey, Direction)> = Vec::new();
        for word in raw.split(',') {
            let word = word.trim();
            let (name, direction) = match word.strip_prefix('-') {
                Some(name) => (name, Direction::Descending),
                None => (word, Direction::Ascending),
            };
            let key = match name {
                "first_name" => SortKey::FirstName,
                "last_name" => SortKey::LastName,
                "created_at" => SortKey::CreatedAt,
                "updated_at" => SortKey::UpdatedAt,
                "birthday" => SortKey::Birthday,
                _ => return Err(Invalid::UnknownSort),
            };
            if keys.iter().any(|(seen, _)| *seen == key) {
                return Err(Invalid::UnknownSort);
            }
            keys.push((key, direction));
        }
        Ok(Self(keys))
    }
}
