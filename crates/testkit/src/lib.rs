//! Test support: an in-memory store, fakes of all other ports, fake external services, and the contract suites that
//! every adapter must pass.
//!
//! Only tests of the other crates depend on this crate; released code never does.
//!
//! Invariant: depends on `domain` only; no adapter is imported here, or a suite would test itself.
//! Invariant: fakes, not mocks. They fulfil the contract of their port. They panic when slow work runs while a unit of
//! work is open.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "tests fail by panicking"
)]

pub mod bulk_data;
pub mod cloudinary;
pub mod collector;
pub mod contract;
pub mod database;
pub mod environment;
pub mod fakes;
pub mod import_file;
pub mod jpeg_encoder;
pub mod memory;
pub mod models;
pub mod pgbouncer;
pub mod postgres;
pub mod postgres_pair;
pub mod redis;
pub mod relay;
pub mod samples;
mod server_programs;
pub mod session_cache;
pub mod smtp;
pub mod sqlite;
pub mod whole;

pub use environment::TestEnvironment;
