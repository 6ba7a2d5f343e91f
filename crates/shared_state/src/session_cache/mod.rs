//! Session caches: in this process and in Redis.

mod counted;
mod in_process;
mod lifetimes;
mod redis;
mod stored_entry;
mod watch;

pub use self::{
    counted::{CacheReadings, CountedSessionCache},
    in_process::InProcessSessionCache,
    lifetimes::{SESSION_CACHE_TTL, UNWATCHED_CACHE_TTL},
    redis::RedisSessionCache,
};
