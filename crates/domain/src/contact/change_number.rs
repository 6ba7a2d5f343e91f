//! Numbers of the changes of an address book.

/// Number of a change of an address book. A later change has a greater number, and no two changes have the same.
/// Numbers may be missing.
///
/// Each contact has the number of its last change. Entity tags are derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeNumber(pub i64);

/// Numbers that a unit of work has taken for its changes of contacts, with the number of contacts after the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenNumbers {
    /// The first of the numbers.
    pub first: ChangeNumber,
    /// Number of contacts, without the trash.
    pub contacts: u64,
    /// Maximum that the operator has set for this user. `None`: the limit of all users.
    pub own_limit: Option<u64>,
}

impl TakenNumbers {
    /// Returns the number with this index, from 0.
    #[must_use]
    pub fn number(&self, index: usize) -> ChangeNumber {
        ChangeNumber(self.first.0.saturating_add(i64::try_from(index).unwrap_or(i64::MAX)))
    }
}
