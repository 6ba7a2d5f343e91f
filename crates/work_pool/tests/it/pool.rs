//! The pool with jobs that wait for a signal of the test.

use std::{
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use work_pool::{JobError, Limits, Readings, WorkPool};

/// Much longer than any step of these tests takes.
const TEST_TIMEOUT: Duration = Duration::from_secs(30);
const BUDGET: u32 = 10;

fn limits(threads: usize, queue: usize) -> Limits {
    Limits { threads, queue, max_wait: TEST_TIMEOUT, budget: BUDGET }
}

/// Starts a pool whose clients are numbers.
fn start(threads: usize, queue: usize) -> WorkPool<u32> {
    WorkPool::start("test", limits(threads, queue)).unwrap()
}

/// Returns a job that occupies a thread until the sender is dropped, and a channel that reports its beginning.
fn gate() -> (mpsc::Sender<()>, mpsc::Receiver<()>, impl FnOnce() + Send) {
    let (release, released) = mpsc::channel();
    let (entered, has_entered) = mpsc::channel();
    let work = move || {
        entered.send(()).unwrap();
        let _ = released.recv();
    };
    (release, has_entered, work)
}

/// Waits until this number of threads runs a job. A thread is busy for a moment after its result has arrived.
async fn wait_until_busy(pool: &WorkPool<u32>, threads: usize) {
    let equal = async {
        while pool.readings().busy != threads {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TEST_TIMEOUT, equal).await.unwrap();
}

#[tokio::test]
async fn results_are_returned() {
    let pool = start(2, 8);
    let results: Vec<_> = (0..8).map(|number| pool.submit(1, 0, move || number * 2)).collect();
    for (number, result) in results.into_iter().enumerate() {
        assert_eq!(result.await, Ok(number * 2));
    }
}

#[tokio::test]
async fn full_queue_rejects_at_once_and_accepts_again_later() {
    let pool = start(1, 2);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 0, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();

    let first = pool.submit(1, 0, || 1);
    let second = pool.submit(1, 0, || 2);
    assert_eq!(pool.readings().waiting, 2);
    assert_eq!(pool.submit(1, 0, || 3).await, Err(JobError::QueueFull));
    let full = Readings { threads: 1, busy: 1, waiting: 2, capacity: 2, done: 0, rejected: 1, abandoned: 0 };
    assert_eq!(pool.readings(), full);

    drop(release);
    running.await.unwrap();
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
    assert_eq!(pool.readings().waiting, 0);
    assert_eq!(pool.submit(1, 0, || 4).await, Ok(4));
}

#[tokio::test]
async fn jobs_for_idle_threads_do_not_count_as_waiting() {
    let pool = start(3, 1);
    // The jobs wait for each other, so all three run at once. None of them may be rejected, however late the threads
    // wake.
    let barrier = Arc::new(Barrier::new(3));
    let results: Vec<_> = (0..3)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            pool.submit(1, 0, move || barrier.wait().is_leader())
        })
        .collect();
    for result in results {
        result.await.unwrap();
    }
}

#[tokio::test]
async fn dropped_jobs_are_skipped_and_free_their_positions() {
    let pool = start(1, 4);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 0, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();

    let done = Arc::new(AtomicUsize::new(0));
    let count = || {
        let done = Arc::clone(&done);
        pool.submit(1, 0, move || done.fetch_add(1, Ordering::SeqCst))
    };
    let abandoned: Vec<_> = (0..3).map(|_| count()).collect();
    let waiting = count();
    assert_eq!(pool.readings().waiting, 4);
    drop(abandoned);
    assert_eq!(pool.readings().waiting, 1);

    let more: Vec<_> = (0..3).map(|_| count()).collect();
    assert_eq!(count().await, Err(JobError::QueueFull));

    drop(release);
    running.await.unwrap();
    waiting.await.unwrap();
    for result in more {
        result.await.unwrap();
    }
    assert_eq!(done.load(Ordering::SeqCst), 4);
    assert_eq!(pool.readings().abandoned, 3);
}

#[tokio::test]
async fn dropped_job_at_the_head_is_skipped_by_the_thread() {
    let pool = start(1, 2);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 0, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();

    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    drop(pool.submit(1, 0, move || counted.fetch_add(1, Ordering::SeqCst)));
    let next = pool.submit(1, 0, || ());
    drop(release);
    running.await.unwrap();
    next.await.unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 0);
    assert_eq!(pool.readings().abandoned, 1);
}

#[tokio::test]
async fn running_job_of_a_dropped_future_occupies_its_thread() {
    let pool = start(1, 0);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 0, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();
    drop(running);
    assert_eq!(pool.submit(1, 0, || ()).await, Err(JobError::QueueFull));
    drop(release);
    while pool.submit(1, 0, || ()).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn job_that_waits_too_long_is_rejected_and_skipped() {
    let pool = WorkPool::start("test", Limits { max_wait: Duration::ZERO, ..limits(1, 2) }).unwrap();
    let (release, has_entered, work) = gate();
    let running = tokio::spawn(pool.submit(1, 0, work));
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();

    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    let late = pool.submit(1, 0, move || counted.fetch_add(1, Ordering::SeqCst));
    assert_eq!(late.await, Err(JobError::TimedOut));
    assert_eq!((pool.readings().rejected, pool.readings().waiting), (1, 0));

    drop(release);
    assert_eq!(running.await.unwrap(), Ok(()), "a running job has no time limit");
    while pool.readings().abandoned < 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(done.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn heavy_jobs_wait_for_each_other_in_order() {
    let pool = start(3, 8);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, BUDGET - 1, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();
    assert_eq!(pool.submit(1, 1, || 1).await, Ok(1), "a light job fits beside it");
    wait_until_busy(&pool, 1).await;

    let order = Arc::new(Mutex::new(Vec::new()));
    let submit = |weight: u32| {
        let order = Arc::clone(&order);
        pool.submit(1, weight, move || order.lock().unwrap().push(weight))
    };
    let (heavy, light) = (submit(BUDGET), submit(1));
    assert_eq!((pool.readings().busy, pool.readings().waiting), (1, 2));

    drop(release);
    running.await.unwrap();
    assert_eq!((heavy.await, light.await), (Ok(()), Ok(())));
    assert_eq!(*order.lock().unwrap(), [BUDGET, 1], "the light job does not pass the heavy one");
}

#[tokio::test]
async fn light_job_runs_when_the_heavy_one_before_it_was_dropped() {
    let pool = start(2, 8);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, BUDGET - 1, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();

    drop(pool.submit(1, 2, || ()));
    assert_eq!(pool.submit(1, 1, || 1).await, Ok(1));
    drop(release);
    running.await.unwrap();
}

#[tokio::test]
async fn job_heavier_than_the_budget_runs_alone() {
    let pool = start(2, 8);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 1, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();
    let heavy = pool.submit(1, u32::MAX, || 1);
    assert_eq!(pool.readings().waiting, 1);
    drop(release);
    running.await.unwrap();
    assert_eq!(heavy.await, Ok(1));
    assert_eq!(pool.submit(1, BUDGET, || 2).await, Ok(2), "the whole budget is free again");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn only_threads_of_the_pool_have_a_lower_priority() {
    let priority = || rustix::process::getpriority_process(None).unwrap();
    let before = priority();
    let pool = start(1, 1);
    assert_eq!(pool.submit(1, 0, priority).await, Ok((before + 5).min(19)));
    assert_eq!(priority(), before);
}

#[tokio::test]
async fn panic_ends_only_its_own_job() {
    let pool = start(1, 4);
    for _ in 0..3 {
        assert_eq!(pool.submit(1, BUDGET, || panic!("on purpose")).await, Err::<(), _>(JobError::Ended));
    }
    let after = tokio::time::timeout(TEST_TIMEOUT, pool.submit(1, BUDGET, || 5)).await;
    assert_eq!(after, Ok(Ok(5)));
}

#[tokio::test]
async fn threads_exit_when_the_pool_is_dropped() {
    struct SendOnDrop(mpsc::Sender<()>);
    impl Drop for SendOnDrop {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    thread_local!(static EXIT: std::cell::RefCell<Option<SendOnDrop>> = const { std::cell::RefCell::new(None) });

    let pool = start(2, 2);
    let (ended, has_ended) = mpsc::channel();
    let barrier = Arc::new(Barrier::new(2));
    let results = [(), ()].map(|()| {
        let (ended, barrier) = (ended.clone(), Arc::clone(&barrier));
        pool.submit(1, 0, move || {
            EXIT.set(Some(SendOnDrop(ended)));
            barrier.wait();
        })
    });
    for result in results {
        result.await.unwrap();
    }

    assert!(has_ended.try_recv().is_err());
    drop(pool);
    for _ in 0..2 {
        has_ended.recv_timeout(TEST_TIMEOUT).unwrap();
    }
}

#[tokio::test]
async fn waiting_jobs_end_when_the_pool_is_dropped() {
    let pool = start(1, 2);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 0, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();
    let waiting = pool.submit(1, 0, || 1);
    drop(pool);
    assert_eq!(waiting.await, Err(JobError::Ended));
    drop(release);
    running.await.unwrap();
}

#[tokio::test]
async fn client_that_floods_does_not_delay_others() {
    let pool = start(1, 8);
    let (release, has_entered, work) = gate();
    let running = pool.submit(1, 0, work);
    has_entered.recv_timeout(TEST_TIMEOUT).unwrap();

    let order = Arc::new(Mutex::new(Vec::new()));
    let submit = |client: u32| {
        let order = Arc::clone(&order);
        pool.submit(client, 0, move || order.lock().unwrap().push(client))
    };
    let mut flood: Vec<_> = (0..8).map(|_| submit(1)).collect();
    assert_eq!(submit(1).await, Err(JobError::QueueFull));
    let others: Vec<_> = (2..=3).map(submit).collect();
    // The last jobs of the flooding client were displaced.
    for _ in 0..2 {
        assert_eq!(flood.pop().unwrap().await, Err(JobError::Displaced));
    }
    assert_eq!((pool.readings().waiting, pool.readings().rejected), (8, 3));

    drop(release);
    running.await.unwrap();
    for result in others.into_iter().chain(flood) {
        result.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [1, 2, 3, 1, 1, 1, 1, 1], "each in turn");
}
