//! Rate limit counters in memory, with a maximum number.

use std::{collections::HashMap, hash::RandomState};

use domain::limit::Key;

/// Interval between removals of expired counters, in microseconds.
const SWEEP_MICROS: i64 = 60_000_000;

/// A key, hashed with two secrets of this process. As unique as the key in practice, of fixed size, and without
/// personal data.
type Fingerprint = [u64; 2];

/// One counter.
#[derive(Clone, Copy)]
struct Cell {
    /// Timestamp at which the full quota is available again, in microseconds.
    full_at: i64,
    /// Time in which an empty quota is restored, in microseconds.
    burst: i64,
}

impl Cell {
    /// Used share of the quota, from 0 to 1000.
    fn used(self, now: i64) -> i64 {
        (self.full_at - now).max(0).saturating_mul(1000) / self.burst.max(1)
    }
}

/// The counters.
pub(super) struct Counters {
    cells: HashMap<Fingerprint, Cell>,
    hashers: [RandomState; 2],
    capacity: usize,
    next_sweep: i64,
}

impl Counters {
    pub(super) fn new(capacity: usize) -> Self {
        let hashers = [RandomState::new(), RandomState::new()];
        Self { cells: HashMap::new(), hashers, capacity: capacity.max(1), next_sweep: i64::MIN }
    }

    pub(super) fn fingerprint(&self, key: &Key) -> Fingerprint {
        use std::hash::BuildHasher as _;
        self.hashers.each_ref().map(|hasher| hasher.hash_one(key))
    }

    pub(super) fn full_at(&self, key: &Fingerprint) -> Option<i64> {
        self.cells.get(key).map(|cell| cell.full_at)
    }

    pub(super) fn set(&mut self, now: i64, key: Fingerprint, full_at: i64, burst: i64) {
        // A clock that was set back must not delay the sweep.
        if now >= self.next_sweep || self.next_sweep > now.saturating_add(SWEEP_MICROS) {
            self.sweep(now);
        }
        if self.cells.len() >= self.capacity && !self.cells.contains_key(&key) {
            self.evict(now);
        }
        self.cells.insert(key, Cell { full_at, burst });
    }

    pub(super) fn remove(&mut self, key: &Fingerprint) {
        self.cells.remove(key);
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Removes the counters with a full quota; they are equivalent to missing counters.
    fn sweep(&mut self, now: i64) {
        self.cells.retain(|_, cell| cell.full_at > now);
        self.cells.shrink_to_fit();
        self.next_sweep = now.saturating_add(SWEEP_MICROS);
    }

    /// Removes the tenth of the counters with the most quota left. A client that wants its exhausted counter
    /// removed must exhaust many others first, which the limits themselves prevent.
    fn evict(&mut self, now: i64) {
        self.sweep(now);
        if self.cells.len() < self.capacity {
            return;
        }
        let mut by_use: Vec<(i64, Fingerprint)> = self.cells.iter().map(|(key, cell)| (cell.used(now), *key)).collect();
        let tenth = (self.capacity / 10).clamp(1, by_use.len());
        by_use.select_nth_unstable(tenth - 1);
        for (_, key) in by_use.iter().take(tenth) {
            self.cells.remove(key);
        }
    }
}
