//! Randomness, time and ids of the system.

use std::{collections::HashSet, thread};

use auth::{RandomSecrets, SystemClock, UuidV7Ids};
use chrono::DateTime;
use domain::{ids::IdGenerator as _, secret::SecretGenerator as _, time::Clock as _};
use uuid::{Uuid, Version};

#[test]
fn secrets_never_repeat() {
    let secrets: HashSet<String> = (0..10_000).map(|_| RandomSecrets.generate().unwrap().reveal()).collect();
    assert_eq!(secrets.len(), 10_000);
}

#[test]
fn every_byte_of_a_secret_is_random() {
    // Drawn 1000 times, each of the 64 digits takes each of its 16 values, but once in 10²⁴ runs.
    let secrets: Vec<String> = (0..1000).map(|_| RandomSecrets.generate().unwrap().reveal()).collect();
    for position in 0..64 {
        let digits: HashSet<char> = secrets.iter().filter_map(|secret| secret.chars().nth(position)).collect();
        assert_eq!(digits.len(), 16, "position {position}");
    }
}

#[test]
fn clock_returns_whole_microseconds() {
    for _ in 0..10_000 {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1000, 0);
    }
    let unix = std::time::UNIX_EPOCH.elapsed().unwrap();
    let by_hand = DateTime::from_timestamp(unix.as_secs().cast_signed(), unix.subsec_nanos()).unwrap();
    assert!(SystemClock.now().signed_duration_since(by_hand).abs() < chrono::TimeDelta::minutes(1));
}

#[test]
fn ids_are_ascending_across_generators() {
    let ids: Vec<Uuid> = (0..100_000).map(|_| UuidV7Ids.next_id()).collect();
    assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    assert!(ids.iter().all(|id| id.get_version() == Some(Version::SortRand)));
}

#[test]
fn ids_of_concurrent_threads_are_ascending_and_distinct() {
    let threads: Vec<_> =
        (0..4).map(|_| thread::spawn(|| (0..20_000).map(|_| UuidV7Ids.next_id()).collect::<Vec<_>>())).collect();
    let mut all = HashSet::new();
    for thread in threads {
        let ids = thread.join().unwrap();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
        all.extend(ids);
    }
    assert_eq!(all.len(), 80_000);
}
