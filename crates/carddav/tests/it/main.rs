//! Tests of the crate from outside.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod address_data;
mod answers;
mod errors;
mod filters;
mod fuzzing;
mod headers;
mod hostile_xml;
mod invariants;
mod paths;
mod properties;
mod requests;
mod support;
mod tree;
