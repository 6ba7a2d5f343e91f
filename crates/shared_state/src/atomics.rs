//! Atomic numbers of the session cache. Its unit tests replace them by those of loom.

#[cfg(test)]
pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(test))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
