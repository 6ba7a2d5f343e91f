//! Metrics of the bounded pools for CPU-intensive work, read at the scrape.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};

use super::write;

/// State of one pool, and its counts since the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkReading {
    pub(crate) threads: usize,
    pub(crate) busy: usize,
    pub(crate) waiting: usize,
    pub(crate) capacity: usize,
    pub(crate) done: u64,
    pub(crate) rejected: u64,
    /// Number of abandoned jobs; `None` when the pool does not count them.
    pub(crate) abandoned: Option<u64>,
}

type Reader = Box<dyn Fn() -> WorkReading + Send + Sync>;

/// Pools, by name.
#[derive(Default)]
pub(crate) struct WorkPools(Vec<(&'static str, Reader)>);

impl WorkPools {
    pub(crate) fn with(mut self, name: &'static str, reader: impl Fn() -> WorkReading + Send + Sync + 'static) -> Self {
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
        let readings: Vec<([(&str, &str); 1], WorkReading)> =
            self.0.iter().map(|(name, reader)| ([("pool", *name)], reader())).collect();
        let mut gauge = |name, help, value: fn(&WorkReading) -> usize| {
            let values = readings.iter().map(|(labels, reading)| (*labels, ConstGauge::new(value(reading))));
            write(&mut encoder, name, help, values)
        };
        gauge("work_threads", "Maximum number of busy threads.", |reading| reading.threads)?;
        gauge("work_busy", "Busy threads.", |reading| reading.busy)?;
        gauge("work_waiting", "Jobs that wait for a thread.", |reading| reading.waiting)?;
        gauge("work_capacity", "Maximum number of waiting jobs.", |reading| reading.capacity)?;
        let mut counter = |name, help, value: fn(&WorkReading) -> Option<u64>| {
            let values =
                readings.iter().filter_map(|(labels, reading)| Some((*labels, ConstCounter::new(value(reading)?))));
            write(&mut encoder, name, help, values)
        };
        counter("work_done", "Finished jobs.", |reading| Some(reading.done))?;
        counter("work_refused", "Jobs rejected because the queue was full.", |reading| Some(reading.rejected))?;
        counter("work_abandoned", "Jobs skipped because the client had disconnected.", |reading| reading.abandoned)
    }
}
