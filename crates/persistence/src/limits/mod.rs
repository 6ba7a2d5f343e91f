//! The counters of rate limits: in this process, in Redis, and in Redis as long as it is there.

mod bounded;
mod fallback;
mod in_process;
mod redis;

pub use self::{fallback::FallbackRateLimiter, in_process::InProcessRateLimiter, redis::RedisRateLimiter};
