//! The watch of a session cache: the subscription that reports what other processes write. Each reconnection gets a new
//! number.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use crate::atomics::{AtomicU64, Ordering};

/// Time for which a confirmation of a watch holds, in milliseconds.
const CONFIRMED_MILLIS: u64 = 1000;

/// State of the watch.
pub(super) struct Watch {
    unwatched: Duration,
    created_at: Instant,
    confirmed: Confirmed,
}

impl Watch {
    /// Creates the state without a confirmed watch. Entries that no watch has covered since they were read expire after
    /// `unwatched`.
    pub(super) fn new(unwatched: Duration) -> Self {
        Self { unwatched, created_at: Instant::now(), confirmed: Confirmed::default() }
    }

    pub(super) const fn unwatched(&self) -> Duration {
        self.unwatched
    }

    /// Returns the number of the watch that is confirmed now; 0 for none.
    pub(super) fn current(&self) -> u64 {
        self.confirmed.at(self.millis())
    }

    pub(super) fn confirm(&self, number: NonZeroU64) {
        self.confirmed.confirm(number, self.millis());
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.created_at.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The last confirmed watch. Times are in milliseconds since the creation of the cache.
#[derive(Default)]
struct Confirmed {
    /// Number of the watch; 0 for none.
    number: AtomicU64,
    /// End of its confirmation.
    until: AtomicU64,
}

impl Confirmed {
    /// The end is read before the number, and written after it. So the end of a new watch never covers the number of the one
    /// before, whose reports may be lost.
    fn at(&self, now: u64) -> u64 {
        let is_confirmed = now < self.until.load(Ordering::SeqCst);
        if is_confirmed { self.number.load(Ordering::SeqCst) } else { 0 }
    }

    fn confirm(&self, number: NonZeroU64, now: u64) {
        self.number.store(number.get(), Ordering::SeqCst);
        self.until.store(now.saturating_add(CONFIRMED_MILLIS), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use loom::thread;

    use super::*;

    #[test]
    fn new_watch_never_extends_the_one_before() {
        loom::model(|| {
            let (first, second) = (NonZeroU64::new(1).unwrap(), NonZeroU64::new(2).unwrap());
            let confirmed = Arc::new(Confirmed::default());
            confirmed.confirm(first, 0);
            let now = CONFIRMED_MILLIS;
            let confirming = {
                let confirmed = Arc::clone(&confirmed);
                thread::spawn(move || confirmed.confirm(second, now))
            };
            let seen = confirmed.at(now);
            assert!(seen == 0 || seen == second.get(), "{seen}");
            confirming.join().unwrap();
            assert_eq!(confirmed.at(now), second.get());
        });
    }
}
