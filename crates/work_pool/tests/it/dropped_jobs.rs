//! Jobs whose future is dropped, or that wait too long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use work_pool::{JobError, Limits, WorkPool};

use crate::gates::{TEST_TIMEOUT, gate, limits, start};

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
