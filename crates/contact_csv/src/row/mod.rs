//! Makes a contact of a row.

mod contact;
mod date;
mod draft;
mod items;

use std::borrow::Cow;

pub use self::contact::{Contact, Warning};
use self::draft::Draft;
use crate::{
    error::{Problem, RowError},
    formula::unguard,
    layout::{Layout, Target},
    options::ReadOptions,
    records::Record,
};

/// Reads a row. Returns `None` for a row without values.
pub(crate) fn read_row(record: &Record, layout: &Layout, options: &ReadOptions) -> Option<Result<Contact, RowError>> {
    let mut draft = Draft::new(layout, options.unknown_to_note);
    let mut has_values = false;
    for (column, cell) in record.cells().enumerate() {
        let text = clean(cell);
        let text = unguard(text.trim()).trim();
        if !text.is_empty() {
            has_values = true;
            match layout.target(column) {
                Target::Single(field) => draft.set(field, text),
                Target::Item { item, part } => draft.items.add(item, part, text),
                Target::Unknown => draft.add_unknown(column, text),
            }
        }
    }
    let error = RowError { line: record.line, problem: Problem::NoValue };
    has_values.then(|| draft.finish().ok_or(error))
}

/// Makes LF of all line ends, and removes characters that XML forbids.
fn clean(cell: &str) -> Cow<'_, str> {
    let is_forbidden = |character: char| {
        (character.is_ascii_control() && !matches!(character, '\t' | '\n'))
            || matches!(character, '\u{fffe}' | '\u{ffff}' | '\u{feff}')
    };
    if !cell.contains(is_forbidden) {
        return Cow::Borrowed(cell);
    }
    let mut text = cell.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|character| !is_forbidden(character));
    Cow::Owned(text)
}
