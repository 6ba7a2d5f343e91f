//! Contacts of a file, on their way into an address book.

mod entry;
mod source;

pub use self::{
    entry::{EntryContent, EntryError, ImportEntry, ImportedContact, ImportedGroup},
    source::{ImportSource, MAX_ENTRIES, MAX_FILE_BYTES, PART_BYTES, PART_ENTRIES},
};
