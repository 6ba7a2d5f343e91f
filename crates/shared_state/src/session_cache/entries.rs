//! Entries of the session cache of this process, in a cache of moka. Its unit tests replace it by a map behind a lock of
//! loom, which cannot run the locks of moka.

use std::{hash::Hash, time::Duration};

#[cfg(not(test))]
use moka::ops::compute::Op;

/// Function that returns the weight of an entry.
type Weigher<K, V> = fn(&K, &V) -> u32;

#[cfg(not(test))]
pub(super) struct Entries<K, V>(moka::sync::Cache<K, V>);

#[cfg(not(test))]
impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Entries<K, V> {
    /// Creates an empty cache. Entries expire after `lifetime`. Together they weigh at most `capacity`, approximately.
    pub(super) fn new(lifetime: Duration, capacity: u64, weigher: Weigher<K, V>) -> Self {
        let builder = moka::sync::Cache::builder().time_to_live(lifetime).weigher(weigher).max_capacity(capacity);
        Self(builder.build())
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.0.get(key)
    }

    pub(super) fn insert(&self, key: K, value: V) {
        self.0.insert(key, value);
    }

    /// Stores what the function makes of the present entry, if anything. Nothing else changes the entry meanwhile.
    pub(super) fn update(&self, key: K, update: impl FnOnce(Option<&V>) -> Option<V>) {
        self.0.entry(key).and_compute_with(|present| {
            let update = update(present.as_ref().map(moka::Entry::value));
            update.map_or(Op::Nop, Op::Put)
        });
    }

    /// Returns the current weight of all entries, approximately.
    pub(super) fn weighed(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.weighted_size()
    }
}

#[cfg(test)]
pub(super) struct Entries<K, V>(loom::sync::Mutex<std::collections::HashMap<K, V>>, Weigher<K, V>);

#[cfg(test)]
impl<K: Hash + Eq, V: Clone> Entries<K, V> {
    pub(super) fn new(_: Duration, _: u64, weigher: Weigher<K, V>) -> Self {
        Self(loom::sync::Mutex::default(), weigher)
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.0.lock().unwrap().get(key).cloned()
    }

    pub(super) fn insert(&self, key: K, value: V) {
        self.0.lock().unwrap().insert(key, value);
    }

    pub(super) fn update(&self, key: K, update: impl FnOnce(Option<&V>) -> Option<V>) {
        let mut entries = self.0.lock().unwrap();
        if let Some(value) = update(entries.get(&key)) {
            entries.insert(key, value);
        }
    }

    pub(super) fn weighed(&self) -> u64 {
        self.0.lock().unwrap().iter().map(|(key, value)| u64::from(self.1(key, value))).sum()
    }
}
