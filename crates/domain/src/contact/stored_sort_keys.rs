//! Sort keys as they are stored.

/// Sort keys of a contact that another version has written. The store sorts the contact by them until it is reindexed. They
/// may differ from those that this version computes of its card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSortKeys {
    /// The [`sort_key`](crate::collation::sort_key) of the first name.
    pub first_name: Vec<u8>,
    /// The [`sort_key`](crate::collation::sort_key) of the last name.
    pub last_name: Vec<u8>,
    /// The [`SortValue::Day`](super::SortValue::Day) of the birthday.
    pub birthday: u32,
}
