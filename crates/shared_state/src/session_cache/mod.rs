//! Session caches: in this process and in Redis.

mod counted;
mod entries;
mod in_process;
#[cfg(test)]
mod interleaving_tests;
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
