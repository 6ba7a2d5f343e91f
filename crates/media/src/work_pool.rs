//! Thread pool for heavy jobs, with a limit of running jobs and a limit of waiting jobs.
//!
//! Jobs run on the same few threads, so that memory freed by one job is reused by the next. On the blocking threads of
//! tokio, each thread would retain its own freed memory.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
};

use tokio::sync::{Semaphore, oneshot};

/// Errors of [`WorkPool::run`].
#[derive(Debug)]
pub(crate) enum WorkLost {
    /// The pool and its queue are full.
    Overloaded,
    /// The job panicked.
    Panicked,
    /// The operating system cannot start a thread.
    NoThread(io::Error),
}

/// State of the pool, and its counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkReadings {
    /// Maximum number of pictures that are processed at once.
    pub at_once: usize,
    /// Pictures that are processed now.
    pub busy: usize,
    /// Pictures that wait.
    pub waiting: usize,
    /// Maximum number of waiting pictures.
    pub capacity: usize,
    /// Processed pictures, including failures.
    pub done: u64,
    /// Pictures that were rejected because the queue was full.
    pub rejected: u64,
}

/// Pool with at most `at_once` running and `capacity` waiting jobs.
pub(crate) struct WorkPool {
    /// Permits of running and waiting jobs.
    slots: Arc<Semaphore>,
    /// Permits of running jobs.
    running: Arc<Semaphore>,
    idle: Arc<Idle>,
    at_once: usize,
    capacity: usize,
    done: Arc<AtomicU64>,
    rejected: AtomicU64,
}

type Job = Box<dyn FnOnce() + Send>;

/// Idle threads; the most recently used one is taken first.
#[derive(Default)]
struct Idle(Mutex<Vec<Sender<Job>>>);

impl WorkPool {
    /// Creates a pool. At least one job can run.
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS);
        let slots = at_once.saturating_add(waiting).min(Semaphore::MAX_PERMITS);
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            running: Arc::new(Semaphore::new(at_once)),
            idle: Arc::default(),
            at_once,
            capacity: slots - at_once,
            done: Arc::default(),
            rejected: AtomicU64::new(0),
        }
    }

    pub(crate) fn readings(&self) -> WorkReadings {
        let Self { at_once, capacity, .. } = *self;
        let busy = at_once.saturating_sub(self.running.available_permits());
        let taken = (at_once + capacity).saturating_sub(self.slots.available_permits());
        let (done, rejected) = (self.done.load(Ordering::Relaxed), self.rejected.load(Ordering::Relaxed));
        WorkReadings { at_once, busy, waiting: taken.saturating_sub(busy), capacity, done, rejected }
    }

    /// Runs a job when a thread is free. A caller that is cancelled while waiting releases its slot.
    pub(crate) async fn run<Outcome: Send + 'static>(
        &self,
        work: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Result<Outcome, WorkLost> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| {
            self.rejected.fetch_add(1, Ordering::Relaxed);
            WorkLost::Overloaded
        })?;
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| WorkLost::Overloaded)?;
        let thread = self.idle.take().map_err(WorkLost::NoThread)?;
        let (answer, outcome) = oneshot::channel();
        let counted = Counted(Arc::clone(&self.done));
        let (idle, back) = (Arc::clone(&self.idle), thread.clone());
        let job = move || {
            // Moved in: a cancelled caller does not stop the thread, so it must not release the permits.
            let permits = (slot, permit, counted);
            let done = catch_unwind(AssertUnwindSafe(work));
            idle.put(back);
            drop(permits);
            // Fails when the caller was cancelled; nothing to do.
            let _ = answer.send(done.ok());
        };
        // Cannot fail: a thread runs as long as it has a sender, and this is one.
        let _ = thread.send(Box::new(job));
        outcome.await.ok().flatten().ok_or(WorkLost::Panicked)
    }
}

impl Idle {
    fn take(&self) -> io::Result<Sender<Job>> {
        if let Some(thread) = self.threads().pop() {
            return Ok(thread);
        }
        let (sender, jobs) = channel::<Job>();
        thread::Builder::new().name("pictures".to_owned()).spawn(move || jobs.into_iter().for_each(|job| job()))?;
        Ok(sender)
    }

    fn put(&self, thread: Sender<Job>) {
        self.threads().push(thread);
    }

    fn threads(&self) -> MutexGuard<'_, Vec<Sender<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Increments the counter when it is dropped, so that panicking jobs are counted too.
struct Counted(Arc<AtomicU64>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{atomic::AtomicUsize, mpsc};

    use super::*;

    /// Submits a job that ends when the sender is dropped, and yields to let it start.
    async fn submit(
        pool: &Arc<WorkPool>,
        started: &Arc<AtomicUsize>,
    ) -> (mpsc::Sender<()>, tokio::task::JoinHandle<bool>) {
        let (release, gate) = mpsc::channel();
        let (pool, started) = (Arc::clone(pool), Arc::clone(started));
        let submitted = tokio::spawn(async move {
            let work = move || {
                started.fetch_add(1, Ordering::SeqCst);
                let _ = gate.recv();
            };
            pool.run(work).await.is_ok()
        });
        tokio::task::yield_now().await;
        (release, submitted)
    }

    async fn until(started: &AtomicUsize, expected: usize) {
        while started.load(Ordering::SeqCst) < expected {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn two_jobs_run_one_waits_and_the_fourth_is_rejected() {
        let pool = Arc::new(WorkPool::new(2, 1));
        let started = Arc::new(AtomicUsize::new(0));
        let (release_first, first) = submit(&pool, &started).await;
        let (release_second, second) = submit(&pool, &started).await;
        let (release_third, third) = submit(&pool, &started).await;
        until(&started, 2).await;
        assert!(matches!(pool.run(|| ()).await, Err(WorkLost::Overloaded)));
        assert_eq!(started.load(Ordering::SeqCst), 2, "the third waits");
        let full = WorkReadings { at_once: 2, busy: 2, waiting: 1, capacity: 1, done: 0, rejected: 1 };
        assert_eq!(pool.readings(), full);

        drop(release_first);
        assert!(first.await.unwrap());
        until(&started, 3).await;
        drop((release_second, release_third));
        assert!(second.await.unwrap() && third.await.unwrap());
        assert!(pool.run(|| ()).await.is_ok(), "every slot is free again");
        let empty = WorkReadings { at_once: 2, busy: 0, waiting: 0, capacity: 1, done: 4, rejected: 1 };
        assert_eq!(pool.readings(), empty);
    }

    #[tokio::test]
    async fn cancelled_caller_keeps_its_slot_while_its_job_runs() {
        let pool = Arc::new(WorkPool::new(1, 0));
        let started = Arc::new(AtomicUsize::new(0));
        let (release, submitted) = submit(&pool, &started).await;
        until(&started, 1).await;
        submitted.abort();
        assert!(submitted.await.unwrap_err().is_cancelled());
        assert!(matches!(pool.run(|| ()).await, Err(WorkLost::Overloaded)));
        drop(release);
        while pool.run(|| ()).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn panicking_job_reports_an_error_and_releases_its_slot() {
        let pool = WorkPool::new(1, 0);
        assert!(matches!(pool.run(|| panic!("a broken decoder")).await, Err(WorkLost::Panicked)));
        assert!(pool.run(|| ()).await.is_ok());
    }
}
