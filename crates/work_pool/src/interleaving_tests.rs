//! Orders in which the threads of a pool and its clients can run: all with at most [`INTERRUPTIONS`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use loom::{
    model::Builder,
    sync::{atomic::AtomicBool, mpsc},
    thread,
};

use crate::{JobError, Limits, job::Job, pool::Shared};

/// Number of times that a running thread is interrupted in one run, at most. A thread that waits is no interruption: all
/// orders of those are run.
const INTERRUPTIONS: usize = 1;
const BUDGET: u32 = 2;

/// Sum of the weights of the jobs that run at once.
#[derive(Default)]
struct Load(AtomicUsize);

/// A job that reports its end.
struct Reported {
    weight: u32,
    load: Arc<Load>,
    is_abandoned: Arc<AtomicBool>,
    ended: mpsc::Sender<Result<u32, JobError>>,
}

impl Job for Reported {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::SeqCst)
    }

    fn run(self: Box<Self>) {
        let weight = self.weight as usize;
        let load = self.load.0.fetch_add(weight, Ordering::SeqCst) + weight;
        assert!(load <= BUDGET as usize, "the budget is exceeded: {load}");
        // Other threads run while it is sent.
        self.ended.send(Ok(self.weight)).unwrap();
        self.load.0.fetch_sub(weight, Ordering::SeqCst);
    }

    fn displace(self: Box<Self>) {
        self.ended.send(Err(JobError::Displaced)).unwrap();
    }
}

/// Result of a job that has ended.
type Ended = Result<u32, JobError>;

/// A pool in a model.
struct Pool {
    shared: Arc<Shared<u32>>,
    threads: Vec<thread::JoinHandle<()>>,
    load: Arc<Load>,
    ended: (mpsc::Sender<Ended>, mpsc::Receiver<Ended>),
}

impl Pool {
    fn start(threads: usize, queue: usize) -> Self {
        let limits = Limits { threads, queue, max_wait: Duration::ZERO, budget: BUDGET };
        let shared = Arc::new(Shared::new(limits));
        let thread = |shared: Arc<Shared<u32>>| thread::spawn(move || shared.work());
        let threads = (0..threads).map(|_| thread(Arc::clone(&shared))).collect();
        Self { shared, threads, load: Arc::new(Load(AtomicUsize::new(0))), ended: mpsc::channel() }
    }

    /// Queues a job of a client. Returns its flag of abandonment.
    fn push(&self, client: u32, weight: u32) -> Result<Arc<AtomicBool>, JobError> {
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let (load, ended) = (Arc::clone(&self.load), self.ended.0.clone());
        let job = Reported { weight, load, is_abandoned: Arc::clone(&is_abandoned), ended };
        self.shared.push(client, Box::new(job)).map(|()| is_abandoned)
    }

    /// Waits for the end of a job. A job that never runs is a deadlock, which fails the model.
    fn next(&self) -> Result<u32, JobError> {
        self.ended.1.recv().unwrap()
    }

    /// Closes the pool and waits for its threads. A thread that never wakes is a deadlock.
    fn close(self) {
        self.shared.close();
        for thread in self.threads {
            thread.join().unwrap();
        }
        assert_eq!(self.load.0.load(Ordering::SeqCst), 0);
    }
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(INTERRUPTIONS);
    builder.check(model);
}

#[test]
fn each_job_runs_within_the_budget() {
    check(|| {
        let pool = Pool::start(2, 2);
        for weight in [2, 1] {
            pool.push(1, weight).unwrap();
        }
        assert_eq!(pool.next().unwrap() + pool.next().unwrap(), 3);
        pool.close();
    });
}

#[test]
fn abandoned_job_blocks_no_other() {
    check(|| {
        let pool = Pool::start(1, 2);
        let abandoned = pool.push(1, 2).unwrap();
        pool.push(2, 1).unwrap();
        abandoned.store(true, Ordering::SeqCst);
        // The abandoned job may have run before.
        while pool.next().unwrap() != 1 {}
        pool.close();
    });
}

#[test]
fn job_of_another_client_displaces_one_and_runs() {
    check(|| {
        let pool = Pool::start(1, 1);
        let own = [pool.push(1, 1), pool.push(1, 1)].iter().filter(|pushed| pushed.is_ok()).count();
        let other = pool.push(2, 1);
        let accepted = own + usize::from(other.is_ok());
        let ended: Vec<_> = (0..accepted).map(|_| pool.next()).collect();
        assert!(ended.iter().filter(|ended| ended.is_ok()).count() >= 1, "{ended:?}");
        assert!(other.is_ok() || own == 2, "only a full queue rejects");
        pool.close();
    });
}

#[test]
fn closed_pool_wakes_its_threads_and_drops_waiting_jobs() {
    check(|| {
        let pool = Pool::start(2, 2);
        let pushed = pool.push(1, 1).unwrap();
        drop(pushed);
        pool.close();
    });
}
