//! Thread pool for CPU-bound jobs, which would block async workers.
//!
//! `auth` hashes passwords on one pool, `media` decodes pictures on another. `api` reads the state of both.
//!
//! The queue of a [`WorkPool`] is bounded and fair between clients. A job waits for a thread and for its part of a
//! memory budget, for a limited time.
//!
//! Locks: one mutex guards the queue and the budget, and one condition variable wakes the threads. `interleaving_tests` runs
//! their code with the locks of loom: some small cases, in all orders with at most one interruption of a running thread.
//! Orders with more interruptions are not run. Results are passed by channels of tokio, and the flag that a job has begun
//! decides only between two errors of a late caller.
//!
//! Invariant: depends on no other crate of the workspace.

mod fair_queue;
#[cfg(test)]
mod interleaving_tests;
mod job;
mod locks;
mod pool;

pub use self::{
    job::JobError,
    pool::{Limits, Readings, WorkPool},
};
