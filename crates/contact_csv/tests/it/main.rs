//! Tests of the crate from outside.

#![expect(clippy::unwrap_used, reason = "tests")]

mod cards;
mod charsets;
mod columns;
mod dates;
mod fuzzing;
mod google;
mod invariants;
mod outlook;
mod rows;
mod samples;
mod thunderbird;
mod writing;
