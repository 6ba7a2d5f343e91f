//! Contacts as files: reads vCard and CSV into contacts of the service, and writes them.
//!
//! The way in:
//!
//! 1. [`FileReader`] receives the bytes of a file, and returns one entry after the other.
//! 2. `fields/` gives each value of a card to the contact, or to the list of values that are left out.
//! 3. `received_text.rs` makes the text that is stored beside the contact.
//!
//! [`read_card`] reads the one card that a CardDAV client sends, in the same two steps.
//!
//! The way out:
//!
//! 1. [`rendered()`] returns a contact as vCard: the received text with the changes since then, or a new text.
//! 2. [`rendered_contact`] and [`rendered_group`] do the same for CardDAV.
//! 3. [`ContactRows`] returns contacts as rows of CSV.
//!
//! `fields/` also has the fields of a contact as those of a card, for both files.
//!
//! Only `api` depends on this crate.
//!
//! Invariant: depends on `domain`, `vcard` and `contact_csv` only. It knows neither HTTP nor the store.
//! Invariant: no input causes a panic. Time is linear in the size of the input, memory is bounded by one card.

mod csv_file;
mod fields;
mod file_reader;
mod google_groups;
mod options;
mod received_text;
mod rendered;
mod resource;
mod rows;
mod sent_card;
mod summary;
mod vcard_file;

pub use contact_csv::{ColumnKey, DateOrder, Delimiter, Field, UnknownField};
pub use vcard::Charset;

pub use self::{
    file_reader::FileReader,
    options::{FileFormat, FileOptions, TableOptions},
    rendered::{OutputVersion, WRITER, rendered},
    resource::{rendered_contact, rendered_group},
    rows::ContactRows,
    sent_card::{SentCardError, read_card},
    summary::{FileColumn, FileSummary},
};
