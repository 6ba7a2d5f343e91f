//! Heavy work on threads of its own: so many at once, so many waiting, the rest turned away.
//!
//! Always on the same few threads: what one piece of work has freed serves the next one. On tokio's, which take turns,
//! each would keep a stock of memory of its own.

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

/// Why the work has no outcome.
#[derive(Debug)]
pub(crate) enum WorkLost {
    /// Every place, waiting ones included, was taken.
    Overloaded,
    /// The work panicked.
    Panicked,
    /// The operating system gives no thread.
    NoThread(io::Error),
}

/// How much work there is, and what has been done since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkReadings {
    /// How many pictures may be worked on at once.
    pub at_once: usize,
    /// How many are worked on.
    pub busy: usize,
    /// How many wait.
    pub waiting: usize,
    /// How many may wait.
    pub capacity: usize,
    /// Pictures that were worked on, whatever came of it.
    pub done: u64,
    /// Pictures that were turned away because too many waited.
    pub refused: u64,
}

/// A bound on how much runs at once and how much waits.
pub(crate) struct WorkPool {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    idle: Arc<Idle>,
    at_once: usize,
    capacity: usize,
    done: Arc<AtomicU64>,
    refused: AtomicU64,
}

type Job = Box<dyn FnOnce() + Send>;

/// The threads that have nothing to do; the one that worked last is taken first.
#[derive(Default)]
struct Idle(Mutex<Vec<Sender<Job>>>);

impl WorkPool {
    /// At least one runs, whatever is asked for.
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS);
        let places = at_once.saturating_add(waiting).min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            turns: Arc::new(Semaphore::new(at_once)),
            idle: Arc::default(),
            at_once,
            capacity: places - at_once,
            done: Arc::default(),
            refused: AtomicU64::new(0),
        }
    }

    pub(crate) fn readings(&self) -> WorkReadings {
        let Self { at_once, capacity, .. } = *self;
        let busy = at_once.saturating_sub(self.turns.available_permits());
        let taken = (at_once + capacity).saturating_sub(self.places.available_permits());
        let (done, refused) = (self.done.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed));
        WorkReadings { at_once, busy, waiting: taken.saturating_sub(busy), capacity, done, refused }
    }

    /// Runs the work when its turn comes. A caller that goes away while waiting frees its place.
    pub(crate) async fn run<Outcome: Send + 'static>(
        &self,
        work: impl FnOnce() -> Outcome + Send + 'static,
    ) -> Result<Outcome, WorkLost> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            WorkLost::Overloaded
        })?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| WorkLost::Overloaded)?;
        let thread = self.idle.take().map_err(WorkLost::NoThread)?;
        let (answer, outcome) = oneshot::channel();
        let counted = Counted(Arc::clone(&self.done));
        let (idle, back) = (Arc::clone(&self.idle), thread.clone());
        let job = move || {
            // Moved in: a caller that goes away does not stop the thread, so it must not free the turn.
            let held = (place, turn, counted);
            let done = catch_unwind(AssertUnwindSafe(work));
            idle.put(back);
            drop(held);
            // Nobody may be waiting any more.
            let _ = answer.send(done.ok());
        };
        // A thread lives as long as there is a sender to it, and here is one.
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

/// Counts when it is dropped, so that work which panics counts too.
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

    /// Asks for work that ends when the sender is dropped, and lets it get as far as it can.
    async fn ask(
        pool: &Arc<WorkPool>,
        started: &Arc<AtomicUsize>,
    ) -> (mpsc::Sender<()>, tokio::task::JoinHandle<bool>) {
        let (release, gate) = mpsc::channel();
        let (pool, started) = (Arc::clone(pool), Arc::clone(started));
        let asked = tokio::spawn(async move {
            let work = move || {
                started.fetch_add(1, Ordering::SeqCst);
                let _ = gate.recv();
            };
            pool.run(work).await.is_ok()
        });
        tokio::task::yield_now().await;
        (release, asked)
    }

    async fn until(started: &AtomicUsize, expected: usize) {
        while started.load(Ordering::SeqCst) < expected {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn runs_two_keeps_one_waiting_and_turns_the_fourth_away() {
        let pool = Arc::new(WorkPool::new(2, 1));
        let started = Arc::new(AtomicUsize::new(0));
        let (release_first, first) = ask(&pool, &started).await;
        let (release_second, second) = ask(&pool, &started).await;
        let (release_third, third) = ask(&pool, &started).await;
        until(&started, 2).await;
        assert!(matches!(pool.run(|| ()).await, Err(WorkLost::Overloaded)));
        assert_eq!(started.load(Ordering::SeqCst), 2, "the third waits");
        let full = WorkReadings { at_once: 2, busy: 2, waiting: 1, capacity: 1, done: 0, refused: 1 };
        assert_eq!(pool.readings(), full);

        drop(release_first);
        assert!(first.await.unwrap());
        until(&started, 3).await;
        drop((release_second, release_third));
        assert!(second.await.unwrap() && third.await.unwrap());
        assert!(pool.run(|| ()).await.is_ok(), "every place is free again");
        let empty = WorkReadings { at_once: 2, busy: 0, waiting: 0, capacity: 1, done: 4, refused: 1 };
        assert_eq!(pool.readings(), empty);
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_frees_nothing_while_its_work_runs() {
        let pool = Arc::new(WorkPool::new(1, 0));
        let started = Arc::new(AtomicUsize::new(0));
        let (release, asked) = ask(&pool, &started).await;
        until(&started, 1).await;
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        assert!(matches!(pool.run(|| ()).await, Err(WorkLost::Overloaded)));
        drop(release);
        while pool.run(|| ()).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_outcome_and_frees_the_place() {
        let pool = WorkPool::new(1, 0);
        assert!(matches!(pool.run(|| panic!("a broken decoder")).await, Err(WorkLost::Panicked)));
        assert!(pool.run(|| ()).await.is_ok());
    }
}
