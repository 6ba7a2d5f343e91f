//! Metrics of the pools for CPU-bound jobs, read at the scrape.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};
use work_pool::Readings;

use super::registry::write;

type Reader = Box<dyn Fn() -> Readings + Send + Sync>;

/// Pools, by name.
#[derive(Default)]
pub(crate) struct WorkPools(Vec<(&'static str, Reader)>);

impl WorkPools {
    pub(crate) fn with(mut self, name: &'static str, reader: impl Fn() -> Readings + Send + Sync + 'static) -> Self {
        self.0.push((name, Box::new(reader)));
        self
    }
}

impl fmt::Debug for WorkPools {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Collector for WorkPools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let readings: Vec<([(&str, &str); 1], Readings)> =
            self.0.iter().map(|(name, reader)| ([("pool", *name)], reader())).collect();
        let mut gauge = |name, help, value: fn(&Readings) -> usize| {
            let values = readings.iter().map(|(labels, reading)| (*labels, ConstGauge::new(value(reading))));
            write(&mut encoder, name, help, values)
        };
        gauge("work_threads", "Maximum number of busy threads.", |reading| reading.threads)?;
        gauge("work_busy", "Busy threads.", |reading| reading.busy)?;
        gauge("work_waiting", "Jobs that wait for a thread or for memory.", |reading| reading.waiting)?;
        gauge("work_capacity", "Maximum number of waiting jobs.", |reading| reading.capacity)?;
        let mut counter = |name, help, value: fn(&Readings) -> u64| {
            let values = readings.iter().map(|(labels, reading)| (*labels, ConstCounter::new(value(reading))));
            write(&mut encoder, name, help, values)
        };
        counter("work_done", "Finished jobs.", |reading| reading.done)?;
        counter("work_rejected", "Jobs rejected because too many waited, or that waited too long.", |reading| {
            reading.rejected
        })?;
        counter("work_abandoned", "Jobs skipped because no request waited for them any more.", |reading| {
            reading.abandoned
        })
    }
}
