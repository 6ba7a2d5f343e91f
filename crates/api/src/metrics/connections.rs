//! Metrics of client connections, counted as they open and close.

use std::sync::atomic::AtomicI64;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

type Label = [(&'static str, &'static str); 1];

/// Metrics of the connections of all workers.
pub(crate) struct ConnectionMetrics {
    open: Gauge<i64, AtomicI64>,
    limit: Gauge<i64, AtomicI64>,
    rejected: Family<Label, Counter>,
    timed_out: Family<Label, Counter>,
}

impl ConnectionMetrics {
    /// Registers the counters. `limits` and `states` are the labels of rejected and of timed out connections.
    pub(crate) fn register(registry: &mut Registry, limits: &[&'static str], states: &[&'static str]) -> Self {
        let metrics = Self {
            open: Gauge::default(),
            limit: Gauge::default(),
            rejected: Family::default(),
            timed_out: Family::default(),
        };
        registry.register("connections_open", "Open connections of clients", metrics.open.clone());
        registry.register("connections_max", "Connections that may be open at once", metrics.limit.clone());
        registry.register(
            "connections_rejected",
            "Connections closed without a response because a limit was reached",
            metrics.rejected.clone(),
        );
        registry.register(
            "connections_timed_out",
            "Connections closed because a deadline passed",
            metrics.timed_out.clone(),
        );
        // Created at the start, so that the metric is zero and not absent.
        for limit in limits {
            let _ = metrics.rejected.get_or_create(&[("limit", limit)]);
        }
        for state in states {
            let _ = metrics.timed_out.get_or_create(&[("state", state)]);
        }
        metrics
    }

    pub(crate) fn set_limit(&self, connections: usize) {
        self.limit.set(i64::try_from(connections).unwrap_or(i64::MAX));
    }

    pub(crate) fn opened(&self) {
        self.open.inc();
    }

    pub(crate) fn closed(&self) {
        self.open.dec();
    }

    /// Counts a connection that exceeds a limit.
    pub(crate) fn rejected(&self, limit: &'static str) {
        self.rejected.get_or_create(&[("limit", limit)]).inc();
    }

    /// Counts a connection that is overdue in a state.
    pub(crate) fn timed_out(&self, state: &'static str) {
        self.timed_out.get_or_create(&[("state", state)]).inc();
    }
}
