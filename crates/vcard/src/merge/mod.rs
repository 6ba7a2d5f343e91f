//! Changes the text of a card to the values of a changed model.
//!
//! `draft.rs` has the lines and what becomes of them, `single_values.rs` the properties with one value, `lists.rs`
//! those with several ones.

mod draft;
mod lists;
mod single_values;

use self::draft::Draft;
use crate::{card::Card, error::ReadError, limits::Limits};

/// Returns the text of a card with the values of `card`, for a model that retains every value of a [`Card`].
///
/// A line whose value is still in the model stays as it is, with its parameters, its group and its folding. A line
/// whose value is no longer in the model is replaced by a line with a new value of the property, or removed. Lines such
/// as X-ABLabel, which describe the value of a group, are removed with it. The values of a list are read in the order of
/// `card`: where the lines have another order, they change their positions. Several lines of CATEGORIES do not. Values
/// without a position become lines at the end, with a group of their own if they need one. Every other line stays: also
/// a second line of a property with one value, unless the value is removed. FN changes with [`Card::display_name`].
///
/// # Errors
/// As [`CardText::parse`](crate::CardText::parse).
pub fn merge(received: &str, card: &Card, limits: &Limits) -> Result<String, ReadError> {
    merge_retained(received, card, limits, Card::clone)
}

/// Like [`merge`], for a model with bounds of its own. `retained` returns the values that the model retains of a card,
/// in the form that it gives them. It is called for the whole card, and for cards with the value of one line.
///
/// A line whose value the model does not retain stays in its position: a phone that is a word, or the 21st e-mail.
///
/// # Errors
/// As [`CardText::parse`](crate::CardText::parse).
pub fn merge_retained(
    received: &str,
    card: &Card,
    limits: &Limits,
    retained: impl Fn(&Card) -> Card,
) -> Result<String, ReadError> {
    let mut draft = Draft::parse(received, limits, &retained)?;
    single_values::merge(&mut draft, card);
    lists::merge(&mut draft, card);
    Ok(draft.into_text())
}
