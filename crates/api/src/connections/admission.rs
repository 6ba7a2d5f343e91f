//! Admission of connections: a limit for each client network, and a limit for the process.
//!
//! Not run by a model checker: a connection is checked and counted while the mutex is held once, and released while it is
//! held once. No decision is made from a value that was read before. The gauges are no part of a decision.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use domain::client::LargestNetwork;
use ipnet::IpNet;

use crate::metrics::ConnectionMetrics;

/// Limit that a connection exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExceededLimit {
    Network,
    Total,
}

impl ExceededLimit {
    pub(crate) const ALL: [Self; 2] = [Self::Network, Self::Total];

    /// Returns the label in the metric.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Total => "total",
        }
    }
}

/// Open connections of all workers of this process.
pub(crate) struct Admission {
    per_network: usize,
    total: usize,
    /// Networks of trusted proxies, which carry the connections of many clients.
    exempt: Vec<IpNet>,
    open: Mutex<Open>,
    pub(super) metrics: Arc<ConnectionMetrics>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_network: HashMap<LargestNetwork, usize>,
}

impl Admission {
    pub(crate) fn new(
        per_network: usize,
        total: usize,
        exempt: Vec<IpNet>,
        metrics: Arc<ConnectionMetrics>,
    ) -> Arc<Self> {
        metrics.set_limit(total);
        // A few networks must not fill the process, however few connections it can hold.
        let per_network = per_network.min((total / 4).max(1));
        Arc::new(Self { per_network, total, exempt, open: Mutex::default(), metrics })
    }

    /// Admits a connection until the permit is dropped.
    ///
    /// # Errors
    /// When the connection exceeds a limit.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Result<Permit, ExceededLimit> {
        let network = self.counted_network(peer);
        let admitted = self.acquire(network);
        match admitted {
            Ok(()) => {
                self.metrics.opened();
                Ok(Permit { admission: Arc::clone(self), network })
            }
            Err(exceeded) => {
                self.metrics.rejected(exceeded.as_str());
                Err(exceeded)
            }
        }
    }

    fn counted_network(&self, peer: IpAddr) -> Option<LargestNetwork> {
        let peer = peer.to_canonical();
        let is_exempt = self.exempt.iter().any(|network| network.contains(&peer));
        (!is_exempt).then(|| LargestNetwork::of(Some(peer)))
    }

    fn acquire(&self, network: Option<LargestNetwork>) -> Result<(), ExceededLimit> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.total >= self.total {
            return Err(ExceededLimit::Total);
        }
        if let Some(network) = network {
            let count = open.by_network.entry(network).or_default();
            if *count >= self.per_network {
                return Err(ExceededLimit::Network);
            }
            *count += 1;
        }
        open.total += 1;
        Ok(())
    }

    fn release(&self, network: Option<LargestNetwork>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        // Networks without a connection are removed: there may be any number of them.
        if let Some(network) = network
            && let Entry::Occupied(mut count) = open.by_network.entry(network)
        {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Admitted connection. Dropping it releases its slot.
pub(super) struct Permit {
    admission: Arc<Admission>,
    network: Option<LargestNetwork>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.admission.release(self.network);
        self.admission.metrics.closed();
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::*;

    fn admission(per_network: usize, total: usize) -> Arc<Admission> {
        let metrics = Arc::new(ConnectionMetrics::register(&mut Registry::default(), &[], &[]));
        Admission::new(per_network, total, vec!["10.0.0.0/8".parse().unwrap()], metrics)
    }

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn network_is_limited_to_its_share() {
        let admission = admission(2, 100);
        let first = admission.admit(peer("2001:db8::1")).ok().unwrap();
        let _second = admission.admit(peer("2001:db8:0:ffff::2")).ok().unwrap();
        assert_eq!(admission.admit(peer("2001:db8:0:1::3")).err(), Some(ExceededLimit::Network), "of one /48");
        let _other = admission.admit(peer("2001:db8:1::3")).ok().unwrap();
        let _mapped = [admission.admit(peer("::ffff:192.0.2.1")), admission.admit(peer("192.0.2.1"))];
        assert_eq!(admission.admit(peer("192.0.2.1")).err(), Some(ExceededLimit::Network));
        drop(first);
        let _again = admission.admit(peer("2001:db8::3")).ok().unwrap();
    }

    #[test]
    fn trusted_proxies_are_limited_by_the_total_only() {
        let admission = admission(1, 3);
        let mut proxied: Vec<_> = (0..3).map(|_| admission.admit(peer("10.0.0.1")).ok().unwrap()).collect();
        assert_eq!(admission.admit(peer("10.0.0.1")).err(), Some(ExceededLimit::Total));
        assert_eq!(admission.admit(peer("192.0.2.1")).err(), Some(ExceededLimit::Total));
        proxied.pop();
        assert!(admission.admit(peer("192.0.2.1")).is_ok());
    }

    #[test]
    fn networks_without_connections_are_removed() {
        let admission = admission(1, 3);
        for client in 0..1000 {
            assert!(admission.admit(std::net::Ipv4Addr::from_bits(client).into()).is_ok());
        }
        assert_eq!(admission.open.lock().unwrap().by_network.len(), 0);
    }
}
