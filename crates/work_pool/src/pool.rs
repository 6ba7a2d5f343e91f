//! The pool: its threads, its queue and its memory budget.

use std::{
    future::Future,
    hash::Hash,
    io,
    sync::{Arc, PoisonError},
    thread,
    time::Duration,
};

use crate::{
    JobError,
    fair_queue::FairQueue,
    job::{Job, job},
    locks::{Condvar, Mutex, MutexGuard},
};

/// Nice value of the threads: a third of the CPU time of an equal competitor. Under a flood of logins it reduced the
/// 99th percentile of other routes from 40 ms to 20 ms. A value of 10 reduces it to 15 ms, but then other programs on
/// the machine starve the login.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Limits of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Number of threads.
    pub threads: usize,
    /// Maximum number of waiting jobs while every thread is busy.
    pub queue: usize,
    /// Maximum time that a job waits.
    pub max_wait: Duration,
    /// Maximum sum of the weights of running jobs. The unit is chosen by the owner of the pool.
    pub budget: u32,
}

/// State of a pool, and its counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readings {
    /// Number of threads.
    pub threads: usize,
    /// Threads that run a job.
    pub busy: usize,
    /// Waiting jobs.
    pub waiting: usize,
    /// Maximum number of waiting jobs while every thread is busy.
    pub capacity: usize,
    /// Finished jobs.
    pub done: u64,
    /// Jobs that were rejected or displaced because the queue was full, or waited too long.
    pub rejected: u64,
    /// Jobs that were skipped because no request waited for their result any more.
    pub abandoned: u64,
}

/// A fixed number of threads with a bounded queue. Clients are served round-robin, the jobs of one client in order.
/// When the queue is full, a job of the client with the most waiting jobs is displaced by one of a client with fewer. So
/// one client can fill the whole queue, but cannot block the share of another.
///
/// A job runs when a thread is free and its weight fits in the rest of the budget. The next job does not let lighter
/// jobs pass, so it cannot starve.
///
/// On Linux the threads run at a lower priority. Jobs with a dropped receiver are skipped. A job that panics closes its
/// receiver and does not affect others. Dropping the pool closes the receivers of waiting jobs; the threads exit after
/// their current job.
pub struct WorkPool<Client> {
    shared: Arc<Shared<Client>>,
}

impl<Client: Copy + Eq + Hash + Send + 'static> WorkPool<Client> {
    /// Starts the threads, with this name.
    ///
    /// # Errors
    /// When the operating system cannot start a thread. The threads started before exit.
    pub fn start(name: &str, limits: Limits) -> io::Result<Self>
    where
        Client: Send,
    {
        let pool = Self { shared: Arc::new(Shared::new(limits)) };
        for _ in 0..limits.threads {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(name.to_owned()).spawn(move || {
                lower_priority();
                shared.work();
            })?;
        }
        Ok(pool)
    }

    /// Queues a job immediately. A job that is heavier than the budget runs alone. Dropping the future cancels a waiting
    /// job.
    ///
    /// # Errors
    /// See [`JobError`].
    pub fn submit<T, W>(
        &self,
        client: Client,
        weight: u32,
        work: W,
    ) -> impl Future<Output = Result<T, JobError>> + Send + use<T, W, Client>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let (job, outcome) = job(weight.min(self.shared.limits.budget), work);
        let queued = self.shared.push(client, job);
        let shared = Arc::clone(&self.shared);
        async move {
            queued?;
            let result = outcome.wait(shared.limits.max_wait).await;
            if matches!(result, Err(JobError::TimedOut)) {
                shared.lock().rejected += 1;
            }
            result
        }
    }

    /// Returns the current state and counters.
    #[must_use]
    pub fn readings(&self) -> Readings {
        let Limits { threads, queue: capacity, .. } = self.shared.limits;
        let state = self.shared.lock();
        let waiting = state.waiting.iter().filter(|job| !job.is_abandoned()).count();
        let State { running: busy, done, rejected, abandoned, .. } = *state;
        Readings { threads, busy, waiting, capacity, done, rejected, abandoned }
    }
}

impl<Client> Drop for WorkPool<Client> {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// State shared by the pool and its threads.
pub(crate) struct Shared<Client> {
    state: Mutex<State<Client>>,
    changed: Condvar,
    limits: Limits,
}

struct State<Client> {
    waiting: FairQueue<Client, Box<dyn Job>>,
    running: usize,
    /// Rest of the budget.
    free: u32,
    closed: bool,
    done: u64,
    rejected: u64,
    abandoned: u64,
}

impl<Client> Shared<Client> {
    fn lock(&self) -> MutexGuard<'_, State<Client>> {
        // No job runs under the lock, so a panicking job leaves the state consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops the waiting jobs, and lets the threads exit.
    pub(crate) fn close(&self) {
        let waiting = {
            let mut state = self.lock();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        drop(waiting);
        self.changed.notify_all();
    }
}

impl<Client: Copy + Eq + Hash> Shared<Client> {
    pub(crate) fn new(limits: Limits) -> Self {
        let state = State {
            waiting: FairQueue::default(),
            running: 0,
            free: limits.budget,
            closed: false,
            done: 0,
            rejected: 0,
            abandoned: 0,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), limits }
    }

    pub(crate) fn push(&self, client: Client, job: Box<dyn Job>) -> Result<(), JobError> {
        let mut state = self.lock();
        // Jobs that an idle thread is about to take do not count as waiting.
        let room = self.limits.queue + self.limits.threads.saturating_sub(state.running);
        if state.waiting.len() >= room {
            let skipped = state.waiting.remove_if(|job| job.is_abandoned());
            state.abandoned += skipped as u64;
        }
        let mut displaced = None;
        if state.waiting.len() >= room {
            state.rejected += 1;
            displaced = Some(state.waiting.displace_for(&client).ok_or(JobError::QueueFull)?);
        }
        state.waiting.push(client, job);
        drop(state);
        if let Some(job) = displaced {
            job.displace();
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Main loop of one thread.
    pub(crate) fn work(&self) {
        while let Some(job) = self.take() {
            let weight = job.weight();
            job.run();
            let mut state = self.lock();
            state.running -= 1;
            state.free += weight;
            state.done += 1;
            drop(state);
            // Other threads may wait for this part of the budget.
            self.changed.notify_all();
        }
    }

    /// Waits for a job. Returns `None` when the pool was dropped.
    fn take(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        while !state.closed {
            let free = state.free;
            match state.waiting.pop_if(|job| job.is_abandoned() || job.weight() <= free) {
                Some(job) if job.is_abandoned() => state.abandoned += 1,
                Some(job) => {
                    state.running += 1;
                    state.free -= job.weight();
                    return Some(job);
                }
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
        None
    }
}

/// Lowers the priority of the calling thread, so that slow jobs do not delay other requests. An error is ignored: the
/// thread then runs at normal priority.
fn lower_priority() {
    // Linux has a nice value for each thread; elsewhere it would apply to the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICENESS);
}
