//! What the service tells Prometheus about itself: one registry a process, made by the wiring, served
//! by a listener of its own.
//!
//! A part that counts as it works has a `register` that gives it back, its counters registered. A part
//! that knows its values by itself is read at the scrape, by a `Collector`. Names and labels stand in
//! `docs/operating.md`; a test compares the two.
//!
//! Invariant: every label has few values, chosen here and never by a client: no address, no path, no id.

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

use domain::time::Instant;
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
    work::{WorkPools, WorkReading},
};

/// Stands before the name of every metric that is ours.
const PREFIX: &str = "contacts";

/// What is measured, for all workers together. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) registry: Arc<Registry>,
    pub(crate) http: Arc<HttpMetrics>,
    pub(crate) connections: Arc<ConnectionMetrics>,
    pub(crate) responses: Arc<ResponseMetrics>,
    pub(crate) database_pools: DatabasePools,
}

/// A registry with what is known at the start.
pub(crate) fn registry(started_at: Instant) -> Registry {
    let mut registry = Registry::default();
    let started_at = started_at.timestamp_micros() as f64 / 1e6;
    let started_at = ConstGauge::new(started_at);
    registry.register_with_unit("process_start_time", "When the process started", Unit::Seconds, started_at);
    ours(&mut registry).register("build", "What runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    registry
}

/// Where what is ours is registered.
pub(crate) fn ours(registry: &mut Registry) -> &mut Registry {
    registry.sub_registry_with_prefix(PREFIX)
}

/// Writes one metric, with a value for each set of labels.
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
