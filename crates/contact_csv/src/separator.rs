//! Several values in one cell, as Google writes them: with ` ::: ` between two values.
//!
//! Google has no form for a value that contains `:::`. The writer adds a backslash before each `:::` of a value, and the
//! reader does not divide a cell there. A backslash anywhere else is a part of its value.
//!
//! Invariant: [`split`] returns the values of [`join`], if they are trimmed and not all empty.

use std::borrow::Cow;

/// Text between two values. The reader needs no spaces around it.
const SEPARATOR: &str = ":::";

/// Form of [`SEPARATOR`] inside of a value.
const ESCAPED: &str = "\\:::";

/// Returns several values as one cell. It is empty when all values are.
pub(crate) fn join(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.map(escaped).collect();
    if values.iter().all(String::is_empty) { String::new() } else { values.join(" ::: ") }
}

fn escaped(value: String) -> String {
    if value.contains(SEPARATOR) { value.replace(SEPARATOR, ESCAPED) } else { value }
}

/// Returns the values of a cell, trimmed: at most `max`. The last one has the rest of the cell.
pub(crate) fn split(cell: &str, max: usize) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(cell);
    (1..=max).map_while(move |number| {
        let text = rest.take()?;
        let (value, after) = if number < max { divided(text) } else { (text, None) };
        rest = after;
        Some(unescaped(value.trim()))
    })
}

/// Returns the text before the first separator, and the text after it.
fn divided(text: &str) -> (&str, Option<&str>) {
    let mut parts = text.match_indices(SEPARATOR).filter_map(|(position, _)| text.split_at_checked(position));
    let first = parts.find(|(before, _)| !before.ends_with('\\'));
    first.map_or((text, None), |(before, after)| (before, after.strip_prefix(SEPARATOR)))
}

fn unescaped(value: &str) -> Cow<'_, str> {
    if value.contains(ESCAPED) { Cow::Owned(value.replace(ESCAPED, SEPARATOR)) } else { Cow::Borrowed(value) }
}
