//! Data transfer objects: request bodies (`..Body`, `..Input`), query parameters (`..Query`) and responses (`..View`).

pub(crate) mod account;
pub(crate) mod app_password;
pub(crate) mod batch;
pub(crate) mod bounds;
pub(crate) mod changes_query;
pub(crate) mod contact;
pub(crate) mod contact_query;
mod contact_schema;
pub(crate) mod contact_view;
pub(crate) mod cursor;
#[cfg(test)]
mod cursor_properties;
pub(crate) mod export_text;
#[cfg(test)]
mod fuzz_tests;
pub(crate) mod import_query;
pub(crate) mod import_report;
pub(crate) mod json;
pub(crate) mod parameter;
pub(crate) mod part_text;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod tags;
pub(crate) mod trash_query;
pub(crate) mod user_view;

use chrono::SecondsFormat;
use domain::time::Timestamp;

/// Formats a timestamp as RFC 3339, in UTC, with microseconds.
pub(crate) fn timestamp(instant: Timestamp) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}
