//! Rate limiters: in process, in Redis, and in Redis with a fallback to this process.

mod counters;
mod fallback;
mod in_process;
mod redis;
#[cfg(test)]
mod script_tests;

pub use self::{fallback::FallbackRateLimiter, in_process::InProcessRateLimiter, redis::RedisRateLimiter};
