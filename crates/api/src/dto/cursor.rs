//! Cursors as text: base64url of a small JSON array. A cursor contains only values that the client has already received.
//! It grants no access: queries always use the signed-in user as the owner.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike as _};
use domain::{
    contact::{Cursor, Direction, Sort, SortKey, SortValue, trash::TrashPosition},
    ids::ContactId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::openapi::ObjectBuilder;
use uuid::Uuid;

use super::bounds;

/// The maximum length in bytes. The service issues no longer cursor.
pub(super) const MAX_LENGTH: usize = 8 * 1024;

/// Returns the schema of a cursor: the alphabet of base64url, and blanks that are trimmed. Any other character would become
/// three or more in a URL, and the server rejects a URL of 64 KiB before the service sees it.
pub(super) fn schema() -> ObjectBuilder {
    bounds::text(0, MAX_LENGTH).pattern(Some(r"^\s*[A-Za-z0-9_-]*\s*$"))
}

#[derive(Serialize, Deserialize)]
struct ContactCursor(String, Vec<Value>, Uuid);

#[derive(Serialize, Deserialize)]
struct TrashCursor(String, i64, Uuid);

/// The first element of a trash cursor. It distinguishes trash cursors from contact cursors.
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

/// Encodes a cursor of the contact list with this sort order.
pub(crate) fn encode(cursor: &Cursor, sort: &Sort) -> String {
    let values = cursor.values().iter().map(|value| match value {
        SortValue::Text(key) => Value::Text(URL_SAFE_NO_PAD.encode(key)),
        SortValue::Time(time) => Value::Microseconds(time.timestamp_micros()),
        SortValue::Day(day) => Value::Day(*day),
    });
    let written = ContactCursor(sort_text(sort), values.collect(), cursor.id().0);
    // Serialization cannot fail: the array holds strings and numbers only.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// Decodes a cursor of the contact list. Returns `None` when it is malformed or has another sort order.
pub(crate) fn decode(text: &str, sort: &Sort) -> Option<Cursor> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let ContactCursor(cursor_sort, values, id) = serde_json::from_slice(&bytes).ok()?;
    if cursor_sort != sort_text(sort) {
        return None;
    }
    let values: Option<Vec<SortValue>> = values
        .into_iter()
        .map(|value| match value {
            Value::Text(key) => URL_SAFE_NO_PAD.decode(key).ok().map(SortValue::Text),
            Value::Microseconds(time) => timestamp_of(time).map(SortValue::Time),
            Value::Day(day) => Some(SortValue::Day(day)).filter(|_| day <= SortValue::NO_BIRTHDAY),
        })
        .collect();
    Cursor::new(values?, ContactId(id), sort)
}

/// Encodes a position in the trash.
pub(crate) fn encode_trash(position: TrashPosition) -> String {
    let written = TrashCursor(TRASH.to_owned(), position.deleted_at.timestamp_micros(), position.id.0);
    // Serialization cannot fail: the array holds strings and numbers only.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// Decodes a position in the trash. Returns `None` when the text is not a trash cursor.
pub(crate) fn decode_trash(text: &str) -> Option<TrashPosition> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let TrashCursor(list, deleted_at, id) = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let deleted_at = timestamp_of(deleted_at).filter(|_| list == TRASH)?;
    Some(TrashPosition { deleted_at, id: ContactId(id) })
}

/// Converts microseconds since 1970 to a timestamp of the years 1 to 9999. The databases store and compare timestamps
/// outside of these years differently, or not at all.
fn timestamp_of(microseconds: i64) -> Option<Timestamp> {
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
