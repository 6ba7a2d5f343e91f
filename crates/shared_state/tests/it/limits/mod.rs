//! Rate limits in memory and in a real Redis.

mod contract;
mod fallback;
mod limit_model;
mod memory;
mod redis_connection;
