//! Tests of the pool from outside.

#![expect(clippy::unwrap_used, reason = "tests")]

mod pool;
