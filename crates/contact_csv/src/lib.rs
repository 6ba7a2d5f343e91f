//! Address books in CSV: reads the files of Google, Outlook, outlook.com and Thunderbird, and writes Google's.
//!
//! The way of a file:
//!
//! 1. `vcard::StreamDecoder` makes text of its bytes. `records.rs` splits the text into rows.
//! 2. [`Layout`] gives each column of the first row a [`Field`]. `headers/` has the names of all programs and languages.
//! 3. `row/` makes a [`Card`](vcard::Card) of the cells of a row. [`Reader`] returns one [`Entry`] after the other.
//! 4. [`Writer`] makes rows of cards.
//!
//! Invariant: depends on no other crate of the workspace than `vcard`, for its card and its charsets.
//! Invariant: no input causes a panic, and the time is linear in the size of the input.

mod delimiter;
mod dialect;
mod error;
mod field;
mod formula;
mod headers;
mod label;
mod layout;
mod limits;
#[cfg(test)]
mod memory_tests;
mod options;
mod reader;
mod records;
mod row;
mod separator;
mod writer;

pub use self::{
    delimiter::Delimiter,
    dialect::Dialect,
    error::{Problem, RowError},
    field::{AddressPart, Field, List, UnknownField},
    headers::Language,
    layout::{Column, Layout},
    limits::Limits,
    options::{ColumnKey, DateOrder, ReadOptions},
    reader::{Entry, Reader, read},
    row::{Contact, Warning},
    writer::{ListColumns, Writer},
};
