//! A budget of memory, of which each client network has a share.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::client::ClientNetwork;

use crate::metrics::ResponseMetrics;

/// Bytes that may be held at once.
pub(super) struct Budget {
    limit: usize,
    share: usize,
    ledger: Mutex<Ledger>,
    metrics: Arc<ResponseMetrics>,
}

#[derive(Default)]
struct Ledger {
    total: usize,
    by_client: HashMap<ClientNetwork, usize>,
}

impl Budget {
    pub(super) fn new(limit: usize, share: usize, metrics: Arc<ResponseMetrics>) -> Self {
        Self { limit, share, ledger: Mutex::default(), metrics }
    }

    /// Reserves memory; `None` when there is not so much left. A client that holds nothing may take more than its share,
    /// and while nobody holds anything more than the budget: else the longest address book could never be read.
    pub(super) fn reserve(self: &Arc<Self>, client: ClientNetwork, bytes: usize) -> Option<Reservation> {
        let mut ledger = self.ledger();
        let own = ledger.by_client.get(&client).copied().unwrap_or_default();
        let fits = ledger.total == 0 || ledger.total + bytes <= self.limit;
        let is_fair = own == 0 || own + bytes <= self.share;
        if !(fits && is_fair) {
            return None;
        }
        ledger.total += bytes;
        *ledger.by_client.entry(client).or_default() += bytes;
        self.metrics.set_held(ledger.total);
        Some(Reservation { budget: Arc::clone(self), client, bytes })
    }

    fn give_back(&self, client: ClientNetwork, bytes: usize) {
        let mut ledger = self.ledger();
        ledger.total -= bytes;
        if let Entry::Occupied(mut own) = ledger.by_client.entry(client) {
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

/// Bytes that are held, until this is dropped.
pub(super) struct Reservation {
    budget: Arc<Budget>,
    client: ClientNetwork,
    bytes: usize,
}

impl Reservation {
    /// Gives some of it back, of what is still held.
    pub(super) fn give_back(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.budget.give_back(self.client, bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.client, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> ClientNetwork {
        ClientNetwork::of(Some(Ipv4Addr::from_bits(number).into()))
    }

    #[test]
    fn a_client_has_a_share_and_all_have_the_budget() {
        let budget = Arc::new(Budget::new(100, 40, Arc::default()));
        let mut first = budget.reserve(client(1), 30).unwrap();
        assert!(budget.reserve(client(1), 20).is_none(), "beyond its share");
        let _more = budget.reserve(client(1), 10).unwrap();
        assert!(budget.reserve(client(2), 61).is_none(), "beyond the budget");
        let _second = budget.reserve(client(2), 60).unwrap();
        assert!(budget.reserve(client(3), 1).is_none());
        first.give_back(1);
        assert!(budget.reserve(client(3), 1).is_some());
        drop(first);
        assert_eq!(budget.held(), 70);
    }

    #[test]
    fn the_largest_response_is_read_alone() {
        let budget = Arc::new(Budget::new(100, 40, Arc::default()));
        let alone = budget.reserve(client(1), 1000).unwrap();
        assert!(budget.reserve(client(2), 1).is_none());
        drop(alone);
        let _small = budget.reserve(client(2), 1).unwrap();
        assert!(budget.reserve(client(1), 1000).is_none());
    }

    #[test]
    fn clients_that_hold_nothing_are_forgotten() {
        let budget = Arc::new(Budget::new(100, 40, Arc::default()));
        for number in 0..1000 {
            budget.reserve(client(number), 10).unwrap().give_back(4);
        }
        assert_eq!((budget.held(), budget.ledger().by_client.len()), (0, 0));
    }
}
