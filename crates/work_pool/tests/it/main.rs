//! Tests of the pool.

#![expect(clippy::unwrap_used, reason = "tests")]

mod pool;
