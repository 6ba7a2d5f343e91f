//! Metrics of large responses that wait to be written.

use std::sync::atomic::AtomicI64;

use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::{Registry, Unit},
};

/// Metrics of the large responses of all workers.
#[derive(Default)]
pub(crate) struct ResponseMetrics {
    held: Gauge<i64, AtomicI64>,
    rejected: Counter,
}

impl ResponseMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register_with_unit(
            "large_responses_held",
            "Memory of large responses that wait to be written",
            Unit::Bytes,
            metrics.held.clone(),
        );
        registry.register(
            "large_responses_rejected",
            "Large responses rejected because the memory budget was used up",
            metrics.rejected.clone(),
        );
        metrics
    }

    pub(crate) fn set_held(&self, bytes: usize) {
        self.held.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    pub(crate) fn rejected(&self) {
        self.rejected.inc();
    }
}
