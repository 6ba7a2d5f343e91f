//! Rate limits in memory and in a real Redis.

mod contract;
mod fallback;
mod memory;
