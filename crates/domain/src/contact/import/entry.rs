//! Entries of a file.

use crate::contact::{
    CardError, Tag, ValidCard,
    received::{CardUid, ReceivedText},
};

/// One entry of a file: a vCard, or a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportEntry {
    /// Position in the file, from 0. Unreadable entries have a position, too.
    pub index: usize,
    /// Number of the first line, from 1.
    pub line: usize,
    /// Name to show in the report, if the entry has one.
    pub name: Option<String>,
    /// The content.
    pub content: Result<EntryContent, EntryError>,
}

/// Content of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryContent {
    /// A contact.
    Contact(Box<ImportedContact>),
    /// A group of contacts. Its members get a tag.
    Group(ImportedGroup),
}

/// A contact of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedContact {
    /// The values that a contact can have.
    pub card: ValidCard,
    /// UID, if the file has one.
    pub uid: Option<CardUid>,
    /// Text of the vCard. A row of a table has one only if not all of it is in `card`, or if it has a UID.
    pub text: Option<ReceivedText>,
    /// True for a row of a table. It has not all that a vCard has, so its text replaces no other one.
    pub is_row: bool,
    /// Content of the picture in the file, before it is checked.
    pub photo: Option<Vec<u8>>,
    /// Values that are not in `card`, and why. They remain in `text`.
    pub left_out: Vec<CardError>,
}

/// A group of contacts in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedGroup {
    /// Name of the group.
    pub tag: Tag,
    /// UIDs of its contacts.
    pub members: Vec<CardUid>,
}

/// Reason for not importing an entry. The other entries are imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The syntax is wrong, or the entry is too large. The text is a sentence without a period.
    #[error("{0}")]
    Unreadable(String),
    /// The contact is not valid.
    #[error("the contact is not valid")]
    Invalid(Vec<CardError>),
}
