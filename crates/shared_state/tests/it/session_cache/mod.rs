//! Session caches, in memory and in a real Redis.

mod contract;
mod in_process;
mod redis;
