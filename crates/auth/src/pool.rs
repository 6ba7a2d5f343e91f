//! Threads for work that takes its processor for long, so that no async worker waits.

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

/// A third of what an equal would get of a processor that both want: under a flood of sign-ins the 99th
/// percentile of other routes fell from 40 ms to 20 ms. With 10 it falls to 15 ms, but then sign-in starves
/// beside other programs of the machine.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Every thread is busy and the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the queue is full")]
pub struct QueueFull;

/// Work that was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// The queue was full, and work of another network took the position.
    #[error("displaced from the queue")]
    Displaced,
    /// The work panicked, or the pool has ended.
    #[error("the work has ended without an answer")]
    Ended,
}

/// How a pool stands, and what it has done since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readings {
    /// The threads.
    pub threads: usize,
    /// Threads that are at work.
    pub busy: usize,
    /// Pieces of work that wait for a thread.
    pub waiting: usize,
    /// How many may wait while every thread is busy.
    pub capacity: usize,
    /// Pieces of work that a thread has finished.
    pub done: u64,
    /// Pieces of work that were rejected or displaced because the queue was full.
    pub refused: u64,
    /// Pieces of work that were skipped because nobody waited for them any longer.
    pub abandoned: u64,
}

/// A fixed number of threads before a bounded queue. Client networks take turns; work of one network is served in its
/// order. When the queue is full, work of the network with the most waiting is displaced by that of a network with less,
/// so one network can use the whole queue, but never keep another from its share.
///
/// On Linux the threads give way to all others. Work that nobody waits for any longer (its receiver is dropped) is skipped. Work that panics
/// closes its receiver and harms no other. Dropping the pool closes the receivers of what still
/// waits; the threads end after the work in hand.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts `threads` threads; at most `queue` pieces of work wait while all of them are busy.
    ///
    /// # Errors
    /// When the operating system gives no thread; those started before end again.
    pub fn start(name: &str, threads: usize, queue: usize) -> io::Result<Self> {
        let pool = Self { shared: Arc::new(Shared::new(threads, queue)) };
        for _ in 0..threads {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(name.to_owned()).spawn(move || {
                give_way();
                shared.work();
            })?;
        }
        Ok(pool)
    }

    /// Queues the work of a client network. Dropping the future gives the work up.
    ///
    /// # Errors
    /// [`QueueFull`], at once.
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

    /// How it stands.
    #[must_use]
    pub fn readings(&self) -> Readings {
        let Shared { threads, queue: capacity, .. } = *self.shared;
        let state = self.shared.lock();
        let waiting = state.waiting.iter().filter(|job| !job.is_abandoned()).count();
        let State { running: busy, done, refused, abandoned, .. } = *state;
        Readings { threads, busy, waiting, capacity, done, refused, abandoned }
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

/// What the threads and the pool share.
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
    refused: u64,
    abandoned: u64,
}

impl State {
    /// Makes room: what nobody waits for any longer goes.
    fn drop_abandoned(&mut self) {
        let before = self.waiting.len();
        self.waiting.retain(|job| !job.is_abandoned());
        self.abandoned += (before - self.waiting.len()) as u64;
    }
}

impl Shared {
    fn new(threads: usize, queue: usize) -> Self {
        let state =
            State { waiting: FairQueue::default(), running: 0, closed: false, done: 0, refused: 0, abandoned: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new(), threads, queue }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No work runs under the lock, so a panic elsewhere leaves the state whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, from: ClientNetwork, job: Box<dyn Job>) -> Result<(), QueueFull> {
        let mut state = self.lock();
        // What an idle thread is about to take does not wait.
        let room = self.queue + self.threads.saturating_sub(state.running);
        if state.waiting.len() >= room {
            state.drop_abandoned();
        }
        let mut displaced = None;
        if state.waiting.len() >= room {
            state.refused += 1;
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

    /// One thread's life.
    fn work(&self) {
        while let Some(job) = self.take() {
            job.run();
            let mut state = self.lock();
            state.running -= 1;
            state.done += 1;
        }
    }

    /// Waits for work; `None` when the pool has ended.
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

/// Lets every other thread go before the one that calls. Whoever waits for this work waits for long
/// anyway; the others must not notice. Where the system refuses, all go on as equals.
fn give_way() {
    // Linux counts by thread; elsewhere the whole process would give way.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICENESS);
}

/// Work with its answer's type forgotten, so that one queue holds all.
trait Job: Send {
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>);
    /// Answers that the work will not be done.
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
        // The work is gone after a panic, so nothing half-done can be seen.
        if let Ok(value) = catch_unwind(AssertUnwindSafe(work)) {
            // Nobody waits any longer: nothing to do.
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
