//! The apostrophe before cells that a spreadsheet would run as a formula.

use std::borrow::Cow;

const GUARD: char = '\'';

/// Returns true for a text that spreadsheets take as a formula, after any number of apostrophes.
///
/// Apostrophes count, so that a text which has one already is guarded, too, and [`unguard`] restores both.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches(GUARD).starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Adds an apostrophe to a formula.
pub(crate) fn guard(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("{GUARD}{text}")) } else { Cow::Borrowed(text) }
}

/// As [`guard`], except for telephone numbers such as `+380671112233`, which other programs would store with the
/// apostrophe. A number has digits and punctuation only, so it calls no function.
pub(crate) fn guard_phone(text: &str) -> Cow<'_, str> {
    let is_number = text.starts_with('+')
        && text.chars().all(|character| character.is_ascii_digit() || " +-().,/*#;:\u{a0}".contains(character));
    if is_number { Cow::Borrowed(text) } else { guard(text) }
}

/// Removes the apostrophe of [`guard`].
pub(crate) fn unguard(text: &str) -> &str {
    text.strip_prefix(GUARD).filter(|rest| is_formula(rest)).unwrap_or(text)
}
