//! Tests of the pool.

#![expect(clippy::unwrap_used, reason = "tests")]

mod dropped_jobs;
mod gates;
mod memory_budget;
mod pool;
