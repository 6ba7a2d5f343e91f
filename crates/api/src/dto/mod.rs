//! What goes over the wire, field by field: bodies that are read, views that are written.

pub(crate) mod account;
pub(crate) mod batch;
pub(crate) mod contact;
mod contact_parts;
pub(crate) mod contact_query;
pub(crate) mod contact_view;
mod cursor;
pub(crate) mod export;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod trash;

use chrono::SecondsFormat;
use domain::time::Instant;

/// RFC 3339, in UTC, to the microsecond.
pub(crate) fn timestamp(instant: Instant) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}
