//! Tests of the crate: files in, contacts out, and back.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod files;
mod fuzzing;
mod invariants;
mod models;
mod reading;
mod rendering;
mod sent_cards;
mod tables;
