//! The report of an import.

use super::{EntryError, MAX_ENTRIES};
use crate::{contact::CardError, ids::ContactId};

/// Actions and errors of all entries of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// One item for each entry, in the order of the file.
    pub items: Vec<ReportItem>,
}

/// Action and errors of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportItem {
    /// Position in the file, from 0.
    pub index: usize,
    /// Number of the first line, from 1.
    pub line: usize,
    /// Name, if the entry has one.
    pub name: Option<String>,
    /// The action.
    pub action: ItemAction,
    /// Contact that was created or updated, or that exists already. `None` for a group, and for a contact that a dry run
    /// would create.
    pub contact: Option<ContactId>,
    /// Reasons for which the entry failed, or values of it that were not imported. At most [`ReportItem::MAX_ERRORS`].
    pub errors: Vec<ItemError>,
}

/// Action of an entry, or of a dry run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemAction {
    /// A contact was created.
    Created,
    /// A contact got values of the entry, or members of a group got its tag.
    Updated,
    /// Nothing: the contact exists already.
    Skipped,
    /// Nothing: the entry cannot be imported.
    Failed,
}

/// Reason for not importing an entry or a value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// The syntax is wrong, or the entry is too large.
    #[error("{0}")]
    Unreadable(String),
    /// A value of the contact is not valid.
    #[error("the value at {:?} is not valid", .0.pointer)]
    Value(CardError),
    /// The photo cannot be used.
    #[error("the photo is not imported: {0}")]
    Photo(String),
    /// The address book is full.
    #[error("the address book has the maximum of {limit} contacts")]
    LimitReached {
        /// Maximum number of contacts.
        limit: u64,
    },
    /// The file has more entries than an import reads.
    #[error("the file has more than {MAX_ENTRIES} entries; divide it")]
    TooManyEntries,
    /// The groups of the file have more members than an import reads.
    #[error("the groups of the file have too many members; divide the file")]
    TooManyMembers,
    /// Another program deleted the contact while the file was read.
    #[error("the contact was deleted meanwhile; import the file again")]
    Deleted,
}

impl ImportReport {
    /// Returns the number of entries with this action.
    #[must_use]
    pub fn count(&self, action: ItemAction) -> usize {
        self.items.iter().filter(|item| item.action == action).count()
    }
}

impl ReportItem {
    /// Maximum number of errors of an item.
    pub const MAX_ERRORS: usize = 20;
}

impl ItemError {
    /// Returns the errors of an unreadable or invalid entry.
    pub(crate) fn of_entry(error: EntryError) -> Vec<Self> {
        match error {
            EntryError::Unreadable(reason) => vec![Self::Unreadable(reason)],
            EntryError::Invalid(errors) => errors.into_iter().map(Self::Value).collect(),
        }
    }
}
