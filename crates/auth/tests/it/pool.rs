//! The pool of threads, with work that waits for a word from the test.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use auth::pool::{Pool, QueueFull, Readings, Unanswered};
use domain::client::ClientNetwork;

/// Far longer than anything here takes: only a fault makes a test wait so long.
const PATIENCE: Duration = Duration::from_secs(30);

fn network(number: u32) -> ClientNetwork {
    ClientNetwork::largest_of(Some(Ipv4Addr::from_bits(number).into()))
}

/// Work that holds a thread until the test drops the sender.
fn gate() -> (mpsc::Sender<()>, mpsc::Receiver<()>, impl FnOnce() + Send) {
    let (release, released) = mpsc::channel();
    let (entered, has_entered) = mpsc::channel();
    let work = move || {
        entered.send(()).unwrap();
        let _ = released.recv();
    };
    (release, has_entered, work)
}

#[tokio::test]
async fn answers_come_back() {
    let pool = Pool::start("test", 2, 8).unwrap();
    let answers: Vec<_> = (0..8).map(|number| pool.submit(network(1), move || number * 2).unwrap()).collect();
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer.await, Ok(number * 2));
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_accepts_again_later() {
    let pool = Pool::start("test", 1, 2).unwrap();
    let (release, has_entered, work) = gate();
    let held = pool.submit(network(1), work).unwrap();
    has_entered.recv_timeout(PATIENCE).unwrap();

    let first = pool.submit(network(1), || 1).unwrap();
    let second = pool.submit(network(1), || 2).unwrap();
    assert_eq!(pool.readings().waiting, 2);
    assert_eq!(pool.submit(network(1), || 3).err(), Some(QueueFull));
    let full = Readings { threads: 1, busy: 1, waiting: 2, capacity: 2, done: 0, rejected: 1, abandoned: 0 };
    assert_eq!(pool.readings(), full);
    assert_eq!(pool.readings().waiting, 2);

    drop(release);
    held.await.unwrap();
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
    assert_eq!(pool.readings().waiting, 0);
    assert_eq!(pool.submit(network(1), || 4).unwrap().await, Ok(4));
}

#[tokio::test]
async fn what_idle_threads_are_about_to_take_does_not_wait() {
    let pool = Pool::start("test", 3, 1).unwrap();
    // All three meet, so all three run at once; none of them may be rejected, however late the threads wake.
    let barrier = Arc::new(Barrier::new(3));
    let answers: Vec<_> = (0..3)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            pool.submit(network(1), move || barrier.wait().is_leader()).unwrap()
        })
        .collect();
    for answer in answers {
        answer.await.unwrap();
    }
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_skipped() {
    let pool = Pool::start("test", 1, 4).unwrap();
    let (release, has_entered, work) = gate();
    let held = pool.submit(network(1), work).unwrap();
    has_entered.recv_timeout(PATIENCE).unwrap();

    let done = Arc::new(AtomicUsize::new(0));
    let count = || {
        let done = Arc::clone(&done);
        pool.submit(network(1), move || done.fetch_add(1, Ordering::SeqCst))
    };
    let abandoned: Vec<_> = (0..3).map(|_| count().unwrap()).collect();
    let kept = count().unwrap();
    assert_eq!(pool.readings().waiting, 4);
    drop(abandoned);
    assert_eq!(pool.readings().waiting, 1);

    // Their places in the queue are free again, too.
    let more: Vec<_> = (0..3).map(|_| count().unwrap()).collect();
    assert_eq!(count().err(), Some(QueueFull));

    drop(release);
    held.await.unwrap();
    kept.await.unwrap();
    for answer in more {
        answer.await.unwrap();
    }
    assert_eq!(done.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn abandoned_work_at_the_head_is_skipped_by_the_thread() {
    let pool = Pool::start("test", 1, 2).unwrap();
    let (release, has_entered, work) = gate();
    let held = pool.submit(network(1), work).unwrap();
    has_entered.recv_timeout(PATIENCE).unwrap();

    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    drop(pool.submit(network(1), move || counted.fetch_add(1, Ordering::SeqCst)).unwrap());
    let next = pool.submit(network(1), || ()).unwrap();
    drop(release);
    held.await.unwrap();
    next.await.unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 0);
    assert_eq!(pool.readings().abandoned, 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_threads_give_way_and_no_other_does() {
    let priority = || rustix::process::getpriority_process(None).unwrap();
    let before = priority();
    let pool = Pool::start("test", 1, 1).unwrap();
    assert_eq!(pool.submit(network(1), priority).unwrap().await, Ok((before + 5).min(19)));
    assert_eq!(priority(), before);
}

#[tokio::test]
async fn a_panic_ends_its_own_work_only() {
    let pool = Pool::start("test", 1, 4).unwrap();
    for _ in 0..3 {
        assert!(pool.submit(network(1), || panic!("on purpose")).unwrap().await.is_err());
    }
    let after = tokio::time::timeout(PATIENCE, pool.submit(network(1), || 5).unwrap()).await;
    assert_eq!(after, Ok(Ok(5)));
}

#[tokio::test]
async fn the_threads_end_with_the_pool() {
    struct Farewell(mpsc::Sender<()>);
    impl Drop for Farewell {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    thread_local!(static FAREWELL: std::cell::RefCell<Option<Farewell>> = const { std::cell::RefCell::new(None) });

    let pool = Pool::start("test", 2, 2).unwrap();
    let (ended, has_ended) = mpsc::channel();
    let barrier = Arc::new(Barrier::new(2));
    let answers = [(), ()].map(|()| {
        let (ended, barrier) = (ended.clone(), Arc::clone(&barrier));
        pool.submit(network(1), move || {
            FAREWELL.set(Some(Farewell(ended)));
            barrier.wait();
        })
        .unwrap()
    });
    for answer in answers {
        answer.await.unwrap();
    }

    assert!(has_ended.try_recv().is_err());
    drop(pool);
    for _ in 0..2 {
        has_ended.recv_timeout(PATIENCE).unwrap();
    }
}

#[tokio::test]
async fn what_waits_is_let_go_with_the_pool() {
    let pool = Pool::start("test", 1, 2).unwrap();
    let (release, has_entered, work) = gate();
    let held = pool.submit(network(1), work).unwrap();
    has_entered.recv_timeout(PATIENCE).unwrap();
    let waiting = pool.submit(network(1), || 1).unwrap();
    drop(pool);
    assert!(waiting.await.is_err());
    drop(release);
    held.await.unwrap();
}

#[tokio::test]
async fn a_network_that_floods_keeps_no_other_from_its_turn() {
    let pool = Pool::start("test", 1, 8).unwrap();
    let (release, has_entered, work) = gate();
    let held = pool.submit(network(1), work).unwrap();
    has_entered.recv_timeout(PATIENCE).unwrap();

    let order = Arc::new(Mutex::new(Vec::new()));
    let submit = |from: u32| {
        let order = Arc::clone(&order);
        pool.submit(network(from), move || order.lock().unwrap().push(from))
    };
    let mut flood: Vec<_> = (0..8).map(|_| submit(1).unwrap()).collect();
    assert_eq!(submit(1).err(), Some(QueueFull));
    let others: Vec<_> = (2..=3).map(|from| submit(from).unwrap()).collect();
    // What came last from the flooding network made room.
    for _ in 0..2 {
        assert_eq!(flood.pop().unwrap().await, Err(Unanswered::Displaced));
    }
    assert_eq!((pool.readings().waiting, pool.readings().rejected), (8, 3));

    drop(release);
    held.await.unwrap();
    for answer in others.into_iter().chain(flood) {
        answer.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [1, 2, 3, 1, 1, 1, 1, 1], "each in turn");
}
