//! vCard 2.1, 3.0 and 4.0: reads them, writes them, and changes them without loss.
//!
//! The way of a file:
//!
//! 1. [`Splitter`] receives a stream of bytes, and returns the text of one card after the other. It finds the charset.
//! 2. [`CardText`] divides the text of a card into content lines. The lines together are the same text.
//! 3. [`read()`] returns the [`Card`]: names, e-mails, phones and other values, without syntax.
//! 4. [`write()`] makes a text of a card.
//! 5. [`merge()`] changes the text of a card to the values of a changed [`Card`]. Every other line stays as it is.
//! 6. [`convert()`] changes the version of a text.
//!
//! [`StreamDecoder`] decodes other text files, such as CSV, by the same rules for charsets.
//!
//! Properties without a field in [`Card`] cost nothing: their lines pass through.
//!
//! Invariant: depends on no other crate of the workspace.
//! Invariant: no input causes a panic, and the time is linear in the size of the input.

mod card;
mod charset;
mod convert;
mod error;
mod lexer;
mod limits;
#[cfg(test)]
mod memory_tests;
mod merge;
mod property;
mod reader;
mod splitter;
mod value;
mod version;
mod writer;

pub use self::{
    card::{Address, Birthday, Card, Kind, Labeled, Name, Photo},
    charset::{Charset, CharsetChoice, StreamDecoder},
    convert::convert,
    error::{Problem, ReadError},
    lexer::{CardText, ContentLine, Lexer, Param, Params},
    limits::Limits,
    merge::{merge, merge_retained},
    reader::{read, read_lines},
    splitter::{Entry, Received, Splitter, split},
    value::decoded_value,
    version::Version,
    writer::write,
};
