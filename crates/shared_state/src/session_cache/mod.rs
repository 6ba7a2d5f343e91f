//! Session caches: in this process and in Redis.

mod counted;
mod in_process;
mod redis;
mod stored_entry;

pub use self::{
    counted::{CacheReadings, CountedSessionCache},
    in_process::InProcessSessionCache,
    redis::RedisSessionCache,
};
