//! For tests only: a store in memory, fakes of every other port, stand-ins for the services outside,
//! and the contract suites that every adapter must pass.
//!
//! Depended on by the tests of the other crates, never by what is shipped.
//!
//! Invariant: knows `domain` only; no adapter is imported here, or a suite would test itself.
//! Invariant: fakes, not mocks. They keep the port's contract, and panic when a rule of the house is
//! broken (slow work while a unit of work is open).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "tests fail by panicking"
)]

pub mod cloudinary;
pub mod collector;
pub mod contract;
pub mod crowd;
pub mod database;
pub mod fakes;
pub mod jpegs;
pub mod memory;
pub mod postgres;
pub mod redis;
pub mod samples;
pub mod scans;
pub mod smtp;
pub mod sqlite;
pub mod world;

pub use world::World;
