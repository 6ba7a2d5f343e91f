//! Lossless lexer: the text of a card as content lines.
//!
//! `physical.rs` finds ends of lines, and `scanner.rs` joins physical lines to content lines. `line.rs` has the parts of
//! a content line, `params.rs` its parameters, and `card_text.rs` the lines of one card.

mod card_text;
mod line;
#[cfg(test)]
mod linear_time_tests;
mod params;
mod physical;
mod scanner;

pub use self::{
    card_text::CardText,
    line::ContentLine,
    params::{Param, Params},
    scanner::Lexer,
};
pub(crate) use self::{
    line::Encoding,
    physical::{is_begin, is_end, line_length, physical_lines},
};
