//! Tests of the crate.

#![expect(clippy::unwrap_used, reason = "tests")]

mod birthday_properties;
mod cards;
mod charsets;
mod converting;
mod fuzzing;
mod invariants;
mod lexing;
mod merging;
mod oracle;
mod reading;
mod samples;
mod splitting;
