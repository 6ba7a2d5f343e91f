//! A file of an import, made of entries.

use std::collections::VecDeque;

use async_trait::async_trait;
use domain::contact::{
    ContactCard, Tag,
    import::{EntryContent, EntryError, ImportEntry, ImportSource, ImportedContact, ImportedGroup, PART_ENTRIES},
    received::{CardUid, CardVersion, ReceivedText},
};

use crate::samples;

/// Reason for which a file cannot be read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// A file that is read in parts.
#[derive(Debug, Clone, Default)]
pub struct ImportFile {
    entries: VecDeque<ImportEntry>,
    /// Number of parts after which reading fails.
    readable: Option<usize>,
}

impl ImportFile {
    /// Creates a file of these contents.
    pub fn new(contents: impl IntoIterator<Item = Result<EntryContent, EntryError>>) -> Self {
        let entry = |(index, content)| ImportEntry { index, line: 10 * index + 1, name: None, content };
        Self { entries: contents.into_iter().enumerate().map(entry).collect(), readable: None }
    }

    /// Creates a file of these contacts.
    pub fn of(contacts: impl IntoIterator<Item = ImportedContact>) -> Self {
        Self::new(contacts.into_iter().map(|contact| Ok(EntryContent::Contact(Box::new(contact)))))
    }

    /// Makes reading fail after this number of parts.
    #[must_use]
    pub fn readable_up_to(self, parts: usize) -> Self {
        Self { readable: Some(parts), ..self }
    }
}

#[async_trait]
impl ImportSource for ImportFile {
    type Error = Unreadable;

    async fn next_part(&mut self) -> Result<Vec<ImportEntry>, Unreadable> {
        if let Some(readable) = &mut self.readable {
            *readable = readable.checked_sub(1).ok_or(Unreadable)?;
        }
        Ok(self.entries.drain(..self.entries.len().min(PART_ENTRIES)).collect())
    }
}

/// A contact of a file without UID, as in a table.
#[must_use]
pub fn imported(card: ContactCard) -> ImportedContact {
    ImportedContact {
        card: samples::valid(card),
        uid: None,
        text: None,
        is_row: false,
        photo: None,
        left_out: Vec::new(),
    }
}

/// A contact of a file with UID and text, as in a vCard.
#[must_use]
pub fn with_uid(uid: &str, card: ContactCard) -> ImportedContact {
    let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nX-OTHER:{uid}\r\nEND:VCARD\r\n");
    let text = ReceivedText::new(CardVersion::V3_0, text).unwrap();
    ImportedContact { uid: Some(CardUid::parse(uid).unwrap()), text: Some(text), ..imported(card) }
}

/// A group of a file.
pub fn group(tag: &str, members: &[&str]) -> Result<EntryContent, EntryError> {
    let members = members.iter().map(|uid| CardUid::parse(uid).unwrap()).collect();
    Ok(EntryContent::Group(ImportedGroup { tag: Tag::parse(tag).unwrap(), members }))
}
