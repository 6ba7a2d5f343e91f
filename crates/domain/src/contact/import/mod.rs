//! Contacts of a file, on their way into an address book.

pub(crate) mod address_book;
mod entry;
mod options;
mod report;
mod source;
pub(crate) mod united;

pub use self::{
    entry::{EntryContent, EntryError, ImportEntry, ImportedContact, ImportedGroup},
    options::{ImportMode, ImportOptions},
    report::{ImportReport, ItemAction, ItemError, ReportItem},
    source::{ImportSource, MAX_ENTRIES, MAX_FILE_BYTES, PART_BYTES, PART_ENTRIES},
};
