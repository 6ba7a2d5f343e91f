//! Registry of the metrics, and the encoding of one metric.

use std::fmt;

use domain::time::Timestamp;
use prometheus_client::{
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{TypedMetric, gauge::ConstGauge, info::Info},
    registry::{Registry, Unit},
};

/// Prefix of the service's own metrics.
const PREFIX: &str = "contacts";

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
pub(super) fn write<Labels: EncodeLabelSet, Value: EncodeMetric + TypedMetric>(
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
