//! Metrics for Prometheus. The wiring makes one registry per process, and a separate listener serves it.
//!
//! A type that counts events has a function `register`, which registers its counters and returns it. A part that holds
//! its own values is read at the scrape by a `Collector`. `docs/operating.md` lists names and labels; a test compares
//! the list with the code.
//!
//! Invariant: every label has few values. They are chosen here and never by a client: no IP, no path, no id.

mod cache;
mod connections;
mod database;
mod http;
mod limits;
mod listener;
mod mail;
mod responses;
mod work;

use std::{fmt, sync::Arc};

use domain::time::Timestamp;
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{TypedMetric, gauge::ConstGauge, info::Info},
    registry::{Registry, Unit},
};

pub(crate) use self::{
    cache::{CacheReading, SessionCacheReader},
    connections::ConnectionMetrics,
    database::{DatabasePools, PoolReading},
    http::{CLIENT_GONE, HttpMetrics, OTHER_METHOD, UNMATCHED, method_name, observe},
    limits::CountedRateLimiter,
    listener::{Listener, Scrape},
    mail::CountedMailer,
    responses::ResponseMetrics,
    work::WorkPools,
};

/// Prefix of the service's own metrics.
const PREFIX: &str = "contacts";

/// Metrics of all workers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) registry: Arc<Registry>,
    pub(crate) http: Arc<HttpMetrics>,
    pub(crate) connections: Arc<ConnectionMetrics>,
    pub(crate) responses: Arc<ResponseMetrics>,
    pub(crate) database_pools: DatabasePools,
}

/// Returns a registry with the start time and the version.
pub(crate) fn registry(started_at: Timestamp) -> Registry {
    let mut registry = Registry::default();
    let started_at = started_at.timestamp_micros() as f64 / 1e6;
    let started_at = ConstGauge::new(started_at);
    registry.register_with_unit("process_start_time", "Start time of the process", Unit::Seconds, started_at);
    ours(&mut registry).register(
        "build",
        "Version of the service",
        Info::new([("version", env!("CARGO_PKG_VERSION"))]),
    );
    registry
}

/// Returns the sub-registry of the service's own metrics.
pub(crate) fn ours(registry: &mut Registry) -> &mut Registry {
    registry.sub_registry_with_prefix(PREFIX)
}

/// Writes one metric with a value for each set of labels.
fn write<Labels: EncodeLabelSet, Value: EncodeMetric + TypedMetric>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = (Labels, Value)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, Value::TYPE)?;
    for (labels, value) in values {
        value.encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}
