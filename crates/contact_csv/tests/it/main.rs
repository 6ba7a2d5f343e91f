//! Tests of the crate from outside.

#![expect(clippy::unwrap_used, reason = "tests")]

mod cards;
mod charsets;
mod columns;
mod dates;
mod invariants;
mod rows;
mod samples;
mod writing;
