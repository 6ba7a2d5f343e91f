//! Cursors as text: base64url of a small JSON array. They hold nothing that the client has not seen,
//! and open nothing: the owner is always the one who is signed in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike as _};
use domain::{
    contact::{ContactId, Cursor, Direction, Sort, SortKey, SortValue, trash::TrashPlace},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longer ones are none of ours.
const MAX_LENGTH: usize = 8 * 1024;

#[derive(Serialize, Deserialize)]
struct Written(String, Vec<Value>, Uuid);

#[derive(Serialize, Deserialize)]
struct WrittenPlace(String, i64, Uuid);

/// What the cursors of the trash begin with, and no other.
const TRASH: &str = "trash";

#[derive(Serialize, Deserialize)]
enum Value {
    #[serde(rename = "x")]
    Text(String),
    #[serde(rename = "t")]
    Microseconds(i64),
    #[serde(rename = "d")]
    Day(u32),
}

/// Writes a cursor of that sort.
pub(crate) fn encode(cursor: &Cursor, sort: &Sort) -> String {
    let values = cursor.values().iter().map(|value| match value {
        SortValue::Text(key) => Value::Text(URL_SAFE_NO_PAD.encode(key)),
        SortValue::Time(time) => Value::Microseconds(time.timestamp_micros()),
        SortValue::Day(day) => Value::Day(*day),
    });
    let written = Written(sort_text(sort), values.collect(), cursor.id().0);
    // Strings and numbers always become JSON.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// Reads a cursor; `None` when it is broken or of another sort.
pub(crate) fn decode(text: &str, sort: &Sort) -> Option<Cursor> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let Written(of_sort, values, id) = serde_json::from_slice(&bytes).ok()?;
    if of_sort != sort_text(sort) {
        return None;
    }
    let values: Option<Vec<SortValue>> = values
        .into_iter()
        .map(|value| match value {
            Value::Text(key) => URL_SAFE_NO_PAD.decode(key).ok().map(SortValue::Text),
            Value::Microseconds(time) => moment(time).map(SortValue::Time),
            Value::Day(day) => Some(SortValue::Day(day)).filter(|_| day <= SortValue::NO_BIRTHDAY),
        })
        .collect();
    Cursor::new(values?, ContactId(id), sort)
}

/// Writes a place in the trash.
pub(crate) fn encode_place(place: TrashPlace) -> String {
    let written = WrittenPlace(TRASH.to_owned(), place.deleted_at.timestamp_micros(), place.id.0);
    // Strings and numbers always become JSON.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// Reads a place in the trash; `None` when it is none.
pub(crate) fn decode_place(text: &str) -> Option<TrashPlace> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let WrittenPlace(of, deleted_at, id) = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let deleted_at = moment(deleted_at).filter(|_| of == TRASH)?;
    Some(TrashPlace { deleted_at, id: ContactId(id) })
}

/// Beyond these years the databases write and compare times differently, or not at all.
fn moment(microseconds: i64) -> Option<Instant> {
    DateTime::from_timestamp_micros(microseconds).filter(|time| (1..=9999).contains(&time.year()))
}

fn sort_text(sort: &Sort) -> String {
    let keys = sort.keys().iter().map(|(key, direction)| {
        let name = match key {
            SortKey::FirstName => "first",
            SortKey::LastName => "last",
            SortKey::CreatedAt => "created",
            SortKey::UpdatedAt => "updated",
            SortKey::Birthday => "birthday",
        };
        let sign = match direction {
            Direction::Ascending => "+",
            Direction::Descending => "-",
        };
        format!("{sign}{name}")
    });
    keys.collect()
}
