//! Tests of rate limits and session caches, in memory and in a real Redis.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod limits;
mod session_cache;
