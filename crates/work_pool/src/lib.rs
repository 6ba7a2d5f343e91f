//! Thread pool for CPU-bound jobs, which would block async workers.
//!
//! `auth` hashes passwords on one pool, `media` decodes pictures on another. `api` reads the state of both.
//!
//! The queue of a [`WorkPool`] is bounded and fair between clients. A job waits for a thread and for its part of a
//! memory budget, for a limited time.
//!
//! Invariant: depends on no other crate of the workspace.

mod fair_queue;
mod job;
mod pool;

pub use self::{
    job::JobError,
    pool::{Limits, Readings, WorkPool},
};
