//! Job of a pool, and the future of its result.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{sync::oneshot, time::timeout};

/// Errors of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The queue was full.
    #[error("the queue is full")]
    QueueFull,
    /// The queue was full, and a job of another client took the position.
    #[error("displaced from the queue")]
    Displaced,
    /// The job waited too long.
    #[error("waited too long in the queue")]
    TimedOut,
    /// The job panicked, or the pool was dropped.
    #[error("the job ended without a result")]
    Ended,
}

/// Job without its types, so that one queue can contain all.
pub(crate) trait Job: Send {
    /// Part of the memory budget.
    fn weight(&self) -> u32;
    /// True when the receiver was dropped.
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>);
    /// Sends [`JobError::Displaced`] to the receiver.
    fn displace(self: Box<Self>);
}

struct Task<W, T> {
    weight: u32,
    work: W,
    has_begun: Arc<AtomicBool>,
    sender: oneshot::Sender<Result<T, JobError>>,
}

/// Receiver of the result of a job. Dropping it cancels a waiting job.
pub(crate) struct Outcome<T> {
    has_begun: Arc<AtomicBool>,
    receiver: oneshot::Receiver<Result<T, JobError>>,
}

/// Creates a job and the receiver of its result.
pub(crate) fn job<T, W>(weight: u32, work: W) -> (Box<dyn Job>, Outcome<T>)
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let has_begun = Arc::<AtomicBool>::default();
    let task = Task { weight, work, has_begun: Arc::clone(&has_begun), sender };
    (Box::new(task), Outcome { has_begun, receiver })
}

impl<T> Outcome<T> {
    /// Waits at most `max_wait` for the beginning of the job, then without a limit for its end.
    pub(crate) async fn wait(mut self, max_wait: std::time::Duration) -> Result<T, JobError> {
        let received = match timeout(max_wait, &mut self.receiver).await {
            Ok(received) => received,
            Err(_) if self.has_begun.load(Ordering::Relaxed) => self.receiver.await,
            Err(_) => return Err(JobError::TimedOut),
        };
        received.unwrap_or(Err(JobError::Ended))
    }
}

impl<T: Send, W: FnOnce() -> T + Send> Job for Task<W, T> {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }

    fn run(self: Box<Self>) {
        let Self { work, has_begun, sender, .. } = *self;
        has_begun.store(true, Ordering::Relaxed);
        // The job is consumed by a panic, so no inconsistent state is visible.
        if let Ok(value) = catch_unwind(AssertUnwindSafe(work)) {
            // Fails when the receiver was dropped; nothing to do.
            let _ = sender.send(Ok(value));
        }
    }

    fn displace(self: Box<Self>) {
        let _ = self.sender.send(Err(JobError::Displaced));
    }
}
