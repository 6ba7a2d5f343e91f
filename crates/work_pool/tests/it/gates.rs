//! Pools of the tests, and jobs that wait for a signal.

use std::{sync::mpsc, time::Duration};

use work_pool::{Limits, WorkPool};

/// Much longer than any step of these tests takes.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(30);
pub(crate) const BUDGET: u32 = 10;

pub(crate) fn limits(threads: usize, queue: usize) -> Limits {
    Limits { threads, queue, max_wait: TEST_TIMEOUT, budget: BUDGET }
}

/// Starts a pool whose clients are numbers.
pub(crate) fn start(threads: usize, queue: usize) -> WorkPool<u32> {
    WorkPool::start("test", limits(threads, queue)).unwrap()
}

/// Returns a job that occupies a thread until the sender is dropped, and a channel that reports its beginning.
pub(crate) fn gate() -> (mpsc::Sender<()>, mpsc::Receiver<()>, impl FnOnce() + Send) {
    let (release, released) = mpsc::channel();
    let (entered, has_entered) = mpsc::channel();
    let work = move || {
        entered.send(()).unwrap();
        let _ = released.recv();
    };
    (release, has_entered, work)
}

/// Waits until this number of threads runs a job. A thread is busy for a moment after its result has arrived.
pub(crate) async fn wait_until_busy(pool: &WorkPool<u32>, threads: usize) {
    let equal = async {
        while pool.readings().busy != threads {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TEST_TIMEOUT, equal).await.unwrap();
}
