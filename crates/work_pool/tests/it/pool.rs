//! Threads and queue of the pool.

use std::sync::{Arc, Barrier, Mutex, mpsc};

use work_pool::{JobError, Readings};

use crate::gates::{BUDGET, TEST_TIMEOUT, gate, start};

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
