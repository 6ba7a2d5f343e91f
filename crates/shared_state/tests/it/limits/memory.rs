//! Memory bound of counters.

use std::{net::Ipv4Addr, num::NonZeroU32, sync::Arc, time::Duration};

use domain::client::ClientNetwork;
use domain::limit::{Key, LimitCheck, Quota, RateLimiter as _, Subject};
use shared_state::InProcessRateLimiter;
use testkit::fakes::FrozenClock;

use super::contract::in_process;

fn check(client: u32, limit: u32) -> LimitCheck {
    let network = ClientNetwork::of(Some(Ipv4Addr::from_bits(client).into()));
    let quota = Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(60));
    LimitCheck { key: Key { counter: "memory", subject: Subject::Network(network) }, quota }
}

async fn is_admitted(limiter: &InProcessRateLimiter, check: LimitCheck) -> bool {
    limiter.admit(&[check]).await.unwrap()[0].allowed
}

/// Memory of this process, in bytes.
#[cfg(target_os = "linux")]
fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn million_unknown_clients_use_less_than_64_mib() {
    let limiter = in_process(Arc::default());
    assert!(is_admitted(&limiter, check(0, 5)).await);
    let before = resident_bytes();
    let mut most = 0;
    for client in 1..=1_000_000 {
        assert!(is_admitted(&limiter, check(client, 5)).await);
        if client % 50_000 == 0 {
            most = most.max(resident_bytes());
        }
    }
    assert!(limiter.len() <= InProcessRateLimiter::CAPACITY && limiter.len() > InProcessRateLimiter::CAPACITY / 2);
    let added = most.saturating_sub(before);
    println!("a million distinct keys added {} KiB", added / 1024);
    assert!(added < 64 << 20, "{added} bytes were added");
}

#[tokio::test]
async fn exhausted_quota_survives_a_flood_of_unknown_clients() {
    let limiter = InProcessRateLimiter::new(Arc::<FrozenClock>::default(), 1000);
    for _ in 0..5 {
        assert!(is_admitted(&limiter, check(0, 5)).await);
    }
    for client in 1..=20_000 {
        assert!(is_admitted(&limiter, check(client, 5)).await, "no client is rejected because of the memory bound");
        assert!(limiter.len() <= 1000);
    }
    assert!(!is_admitted(&limiter, check(0, 5)).await, "filling the counters does not reset one that is used up");
}

#[tokio::test]
async fn expired_counters_are_removed() {
    let clock = Arc::new(FrozenClock::default());
    let limiter = in_process(clock.clone());
    for client in 0..1000 {
        assert!(is_admitted(&limiter, check(client, 5)).await);
    }
    assert_eq!(limiter.len(), 1000);
    clock.advance(chrono::Duration::minutes(2));
    assert!(is_admitted(&limiter, check(5000, 5)).await);
    assert_eq!(limiter.len(), 1);
}

#[tokio::test]
async fn clock_set_back_does_not_prolong_a_rejection() {
    let clock = Arc::new(FrozenClock::default());
    let limiter = in_process(clock.clone());
    for _ in 0..5 {
        assert!(is_admitted(&limiter, check(0, 5)).await);
    }
    clock.advance(chrono::Duration::days(-1));
    let rejected = limiter.admit(&[check(0, 5)]).await.unwrap()[0];
    assert!(!rejected.allowed && rejected.retry_after <= Duration::from_secs(12), "{rejected:?}");
    clock.advance(chrono::Duration::from_std(rejected.retry_after).unwrap());
    assert!(is_admitted(&limiter, check(0, 5)).await, "as the rejection has announced");
    assert!(!is_admitted(&limiter, check(0, 5)).await, "one request is restored in each interval");
}

#[tokio::test]
async fn correction_of_a_key_changes_no_other_key() {
    let clock = Arc::new(FrozenClock::default());
    let limiter = in_process(clock.clone());
    for _ in 0..5 {
        assert!(is_admitted(&limiter, check(0, 5)).await);
    }
    clock.advance(chrono::Duration::days(-1));
    for _ in 0..4 {
        assert!(is_admitted(&limiter, check(1, 5)).await);
    }
    let decisions = limiter.admit(&[check(0, 5), check(1, 5), check(2, 5)]).await.unwrap();
    assert_eq!(decisions.iter().map(|decision| decision.allowed).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(limiter.len(), 2, "the rejected request was not counted");
    assert!(is_admitted(&limiter, check(1, 5)).await);
    assert!(!is_admitted(&limiter, check(1, 5)).await);
}
