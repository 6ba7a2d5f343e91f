//! Tests of the store on real databases: a SQLite file and PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[macro_use]
mod databases;
mod cancelling;
mod concurrency;
mod concurrent_background_work;
mod concurrent_email_changes;
mod contact_counts;
mod contract;
mod failures;
mod imports;
mod lists;
mod migrations;
mod outbox;
mod pictures;
mod query_plans;
mod round_trips;
mod serial_order;
mod session_cache;
mod session_changes;
mod sessions;
mod settings;
mod state_machines;
mod unreadable_rows;
mod writers;
