//! Memory budget with a share for each holder: a user, or the client network of a request that is not signed in.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{client::ClientNetwork, ids::UserId};

use crate::metrics::ResponseMetrics;

/// Holder of reservations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    /// A signed-in user, from any client network. People behind one address do not share a share.
    User(UserId),
    /// The clients of a network that are not signed in.
    Network(ClientNetwork),
}

/// Limit of bytes that are reserved at once.
pub(super) struct Budget {
    limit: usize,
    share: usize,
    ledger: Mutex<Ledger>,
    metrics: Arc<ResponseMetrics>,
}

#[derive(Default)]
struct Ledger {
    total: usize,
    by_holder: HashMap<Holder, usize>,
}

impl Budget {
    pub(super) fn new(limit: usize, share: usize, metrics: Arc<ResponseMetrics>) -> Self {
        Self { limit, share, ledger: Mutex::default(), metrics }
    }

    /// Reserves memory; `None` when not enough is left. A holder without a reservation may exceed its share, and the only
    /// reservation may exceed the budget. Otherwise the longest address book could never be read.
    pub(super) fn reserve(self: &Arc<Self>, holder: Holder, bytes: usize) -> Option<Reservation> {
        let mut ledger = self.ledger();
        let own = ledger.by_holder.get(&holder).copied().unwrap_or_default();
        let fits = ledger.total == 0 || ledger.total + bytes <= self.limit;
        let is_fair = own == 0 || own + bytes <= self.share;
        if !(fits && is_fair) {
            return None;
        }
        Some(self.enter(&mut ledger, holder, bytes))
    }

    /// Reserves memory beyond every limit.
    pub(super) fn reserve_always(self: &Arc<Self>, holder: Holder, bytes: usize) -> Reservation {
        self.enter(&mut self.ledger(), holder, bytes)
    }

    fn enter(self: &Arc<Self>, ledger: &mut Ledger, holder: Holder, bytes: usize) -> Reservation {
        ledger.total += bytes;
        *ledger.by_holder.entry(holder).or_default() += bytes;
        self.metrics.set_held(ledger.total);
        Reservation { budget: Arc::clone(self), holder, bytes }
    }

    fn release(&self, holder: Holder, bytes: usize) {
        let mut ledger = self.ledger();
        ledger.total -= bytes;
        if let Entry::Occupied(mut own) = ledger.by_holder.entry(holder) {
            *own.get_mut() -= bytes;
            if *own.get() == 0 {
                own.remove();
            }
        }
        self.metrics.set_held(ledger.total);
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.ledger().total
    }
}

/// Reserved bytes. Dropping the reservation releases them.
pub(super) struct Reservation {
    budget: Arc<Budget>,
    holder: Holder,
    bytes: usize,
}

impl Reservation {
    /// Releases `bytes`, or all that is still reserved when that is less.
    pub(super) fn release(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.budget.release(self.holder, bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.release(self.holder, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> Holder {
        Holder::Network(ClientNetwork::of(Some(Ipv4Addr::from_bits(number).into())))
    }

    #[test]
    fn response_memory_is_limited_per_client_and_in_total() {
        let budget = Arc::new(Budget::new(100, 40, Arc::default()));
        let mut first = budget.reserve(client(1), 30).unwrap();
        assert!(budget.reserve(client(1), 20).is_none(), "beyond its share");
        let _more = budget.reserve(client(1), 10).unwrap();
        assert!(budget.reserve(client(2), 61).is_none(), "beyond the budget");
        let _second = budget.reserve(client(2), 60).unwrap();
        assert!(budget.reserve(client(3), 1).is_none());
        drop(budget.reserve_always(client(3), 1));
        first.release(1);
        assert!(budget.reserve(client(3), 1).is_some());
        drop(first);
        assert_eq!(budget.held(), 70);
    }

    #[test]
    fn response_larger_than_the_budget_is_sent_alone() {
        let budget = Arc::new(Budget::new(100, 40, Arc::default()));
        let alone = budget.reserve(client(1), 1000).unwrap();
        assert!(budget.reserve(client(2), 1).is_none());
        drop(alone);
        let _small = budget.reserve(client(2), 1).unwrap();
        assert!(budget.reserve(client(1), 1000).is_none());
    }

    #[test]
    fn clients_without_a_reservation_are_removed() {
        let budget = Arc::new(Budget::new(100, 40, Arc::default()));
        for number in 0..1000 {
            budget.reserve(client(number), 10).unwrap().release(4);
        }
        assert_eq!((budget.held(), budget.ledger().by_holder.len()), (0, 0));
    }
}
