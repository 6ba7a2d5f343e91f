//! Data transfer objects: request bodies (`..Body`, `..Input`), query parameters (`..Query`) and responses (`..View`).

pub(crate) mod account;
pub(crate) mod batch;
pub(crate) mod birthdays;
pub(crate) mod bounds;
pub(crate) mod changes;
pub(crate) mod contact;
pub(crate) mod contact_export;
pub(crate) mod contact_page;
pub(crate) mod contact_query;
mod contact_schema;
pub(crate) mod contact_view;
mod cursor;
pub(crate) mod document;
pub(crate) mod export;
pub(crate) mod export_text;
pub(crate) mod import_query;
pub(crate) mod import_report;
pub(crate) mod json;
pub(crate) mod parameter;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod tags;
pub(crate) mod trash;
pub(crate) mod user_view;

use chrono::SecondsFormat;
use domain::time::Timestamp;

/// Formats a timestamp as RFC 3339, in UTC, with microseconds.
pub(crate) fn timestamp(instant: Timestamp) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}
