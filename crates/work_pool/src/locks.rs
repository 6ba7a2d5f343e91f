//! Locks of the pool. Its unit tests replace them by those of loom.

#[cfg(test)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(test))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
