//! Thread pool for CPU-bound jobs, which would block async workers.

use std::{
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use domain::client::ClientNetwork;
use tokio::sync::oneshot;

use crate::fair_queue::FairQueue;

/// Nice value of the threads: a third of the CPU time of an equal competitor. Under a flood of logins it reduced the
/// 99th percentile of other routes from 40 ms to 20 ms. A value of 10 reduces it to 15 ms, but then other programs on
/// the machine starve the login.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Every thread is busy and the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue is full")]
pub struct QueueFull;

/// Errors of a queued job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The queue was full, and a job of another client network took the position.
    #[error("displaced from the queue")]
    Displaced,
    /// The job panicked, or the pool was dropped.
    #[error("the job ended without a result")]
    Ended,
}

/// State of a pool, and its counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readings {
    /// Number of threads.
    pub threads: usize,
    /// Threads that run a job.
    pub busy: usize,
    /// Jobs that wait for a thread.
    pub waiting: usize,
    /// Maximum number of waiting jobs while every thread is busy.
    pub capacity: usize,
    /// Finished jobs.
    pub done: u64,
    /// Jobs that were rejected or displaced because the queue was full.
    pub rejected: u64,
    /// Jobs that were skipped because their receiver was dropped.
    pub abandoned: u64,
}

/// A fixed number of threads with a bounded queue. Client networks are served round-robin, the jobs of one network in
/// order. When the queue is full, a job of the network with the most waiting jobs is displaced by one of a network with
/// fewer. So one network can fill the whole queue, but cannot block the share of another.
///
/// On Linux the threads run at a lower priority. Jobs with a dropped receiver are skipped. A job that panics closes its
/// receiver and does not affect others. Dropping the pool closes the receivers of waiting jobs; the threads exit after
/// their current job.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts `threads` threads. At most `queue` jobs wait while all threads are busy.
    ///
    /// # Errors
    /// When the operating system cannot start a thread. The threads started before exit.
    pub fn start(name: &str, threads: usize, queue: usize) -> io::Result<Self> {
        let pool = Self { shared: Arc::new(Shared::new(threads, queue)) };
        for _ in 0..threads {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(name.to_owned()).spawn(move || {
                lower_priority();
                shared.work();
            })?;
        }
        Ok(pool)
    }

    /// Queues a job of a client network. Dropping the future cancels a waiting job.
    ///
    /// # Errors
    /// [`QueueFull`], immediately.
    pub fn submit<T, W>(
        &self,
        from: ClientNetwork,
        work: W,
    ) -> Result<impl Future<Output = Result<T, Unanswered>> + Send + use<T, W>, QueueFull>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        self.shared.push(from, Box::new(Task { work, answer }))?;
        Ok(async move { receiver.await.unwrap_or(Err(Unanswered::Ended)) })
    }

    /// Returns the current state and counters.
    #[must_use]
    pub fn readings(&self) -> Readings {
        let Shared { threads, queue: capacity, .. } = *self.shared;
        let state = self.shared.lock();
        let waiting = state.waiting.iter().filter(|job| !job.is_abandoned()).count();
        let State { running: busy, done, rejected, abandoned, .. } = *state;
        Readings { threads, busy, waiting, capacity, done, rejected, abandoned }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.shared.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
        self.shared.changed.notify_all();
    }
}

/// State shared by the pool and its threads.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    threads: usize,
    queue: usize,
}

struct State {
    waiting: FairQueue<ClientNetwork, Box<dyn Job>>,
    running: usize,
    closed: bool,
    done: u64,
    rejected: u64,
    abandoned: u64,
}

impl State {
    /// Removes waiting jobs whose receivers were dropped.
    fn drop_abandoned(&mut self) {
        let before = self.waiting.len();
        self.waiting.retain(|job| !job.is_abandoned());
        self.abandoned += (before - self.waiting.len()) as u64;
    }
}

impl Shared {
    fn new(threads: usize, queue: usize) -> Self {
        let state =
            State { waiting: FairQueue::default(), running: 0, closed: false, done: 0, rejected: 0, abandoned: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), threads, queue }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No job runs under the lock, so a panicking job leaves the state consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, from: ClientNetwork, job: Box<dyn Job>) -> Result<(), QueueFull> {
        let mut state = self.lock();
        // Jobs that an idle thread is about to take do not count as waiting.
        let room = self.queue + self.threads.saturating_sub(state.running);
        if state.waiting.len() >= room {
            state.drop_abandoned();
        }
        let mut displaced = None;
        if state.waiting.len() >= room {
            state.rejected += 1;
            displaced = Some(state.waiting.displace_for(&from).ok_or(QueueFull)?);
        }
        state.waiting.push(from, job);
        drop(state);
        if let Some(job) = displaced {
            job.displace();
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Main loop of one thread.
    fn work(&self) {
        while let Some(job) = self.take() {
            job.run();
            let mut state = self.lock();
            state.running -= 1;
            state.done += 1;
        }
    }

    /// Waits for a job. Returns `None` when the pool was dropped.
    fn take(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            match state.waiting.pop() {
                Some(job) if job.is_abandoned() => state.abandoned += 1,
                Some(job) => {
                    state.running += 1;
                    return Some(job);
                }
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// Lowers the priority of the calling thread, so that slow jobs do not delay other requests. An error is ignored: the
/// thread then runs at normal priority.
fn lower_priority() {
    // Linux has a nice value for each thread; elsewhere it would apply to the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICENESS);
}

/// Type-erased job, so that one queue can contain all.
trait Job: Send {
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>);
    /// Sends [`Unanswered::Displaced`] to the receiver.
    fn displace(self: Box<Self>);
}

struct Task<W, T> {
    work: W,
    answer: oneshot::Sender<Result<T, Unanswered>>,
}

impl<T: Send, W: FnOnce() -> T + Send> Job for Task<W, T> {
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(self: Box<Self>) {
        let Self { work, answer } = *self;
        // The job is consumed by a panic, so no inconsistent state is visible.
        if let Ok(value) = catch_unwind(AssertUnwindSafe(work)) {
            // Fails when the receiver was dropped; nothing to do.
            let _ = answer.send(Ok(value));
        }
    }

    fn displace(self: Box<Self>) {
        let _ = self.answer.send(Err(Unanswered::Displaced));
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("State")
            .field("waiting", &self.waiting.len())
            .field("running", &self.running)
            .field("closed", &self.closed)
            .finish()
    }
}
