//! Rows of contacts as one text, for SQLite: every row that crosses its driver costs a change of threads.

use chrono::{DateTime, NaiveDateTime};
use domain::{error::StoreError, time::Timestamp};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use uuid::Uuid;

use super::row::ListedValues;
use crate::error::corrupt;

/// Separates the values of a row, and the rows. JSON, keys and times contain no control characters.
const UNIT: char = '\u{1f}';
const RECORD: char = '\u{1e}';

/// The text of all rows of the subquery, in its order. The stored sort keys, which few rows have, follow the version: a value
/// of their own would copy every row once more.
const ROWS_AS_TEXT: &str = "group_concat(\
    hex(id) || char(31) || card || char(31) || coalesce(search_version || ' ' || stored_keys, search_version) || \
    char(31) || coalesce(photo_key, '') || char(31) || change || char(31) || created_at || char(31) || updated_at, \
    char(30))";

/// Turns a query into a statement that returns its rows as one row with one text.
pub(super) fn as_one_row(rows: SelectStatement) -> SelectStatement {
    Query::select().expr(Expr::cust(ROWS_AS_TEXT)).from_subquery(rows, "page").take()
}

/// Returns the rows in the text that [`as_one_row`] selects.
pub(super) fn rows_in(text: &str) -> Result<Vec<ListedValues>, StoreError> {
    let rows = text.split_terminator(RECORD);
    rows.map(|row| parsed(row).ok_or_else(|| corrupt("contact"))).collect()
}

fn parsed(row: &str) -> Option<ListedValues> {
    let mut values = row.split(UNIT);
    let mut value = || values.next();
    let (id, card, version) = (value()?, value()?, value()?);
    let (version, stored_keys) = match version.split_once(' ') {
        Some((version, stored_keys)) => (version, Some(stored_keys.to_owned())),
        None => (version, None),
    };
    let contact = (
        Uuid::try_parse(id).ok()?,
        card.to_owned(),
        version.parse().ok()?,
        value().filter(|key| !key.is_empty()).map(str::to_owned),
        value()?.parse().ok()?,
        time(value()?)?,
        time(value()?)?,
    );
    Some((contact, stored_keys))
}

/// Reads a time. The driver writes RFC 3339 with a space, whose parser is faster than that of every form. A statement of an
/// operator may write it without an offset, as `datetime('now')` does: that is UTC, for the driver too.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let written = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let read = written.or_else(|_| NaiveDateTime::parse_from_str(text, "%F %T%.f").map(|time| time.and_utc()));
    read.ok()
}
