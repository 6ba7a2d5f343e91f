//! Jobs that need much memory.

use std::sync::{Arc, Mutex};

use crate::gates::{BUDGET, TEST_TIMEOUT, gate, start, wait_until_busy};

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
