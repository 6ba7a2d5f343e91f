//! Metrics of the database connection pools, one pool per worker, read at the scrape.
//!
//! Not run by a model checker: a pool is named and added while the mutex is held once, and the scrape holds it once. The
//! readers take the lock of a pool of deadpool meanwhile, which never takes this mutex.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, metrics::gauge::ConstGauge};

use super::registry::write;

/// State of one pool, in connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolReading {
    pub(crate) open: usize,
    pub(crate) idle: usize,
    pub(crate) max: usize,
}

/// Reads a pool; `None` once the pool is dropped.
type Reader = Box<dyn Fn() -> Option<PoolReading> + Send>;

/// Existing pools, by name of their worker. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct DatabasePools(Arc<Mutex<Vec<(String, Reader)>>>);

impl DatabasePools {
    /// Adds the pool of a worker of the given kind. The reader must not own the pool: the pool belongs to its worker,
    /// which may end and be restarted.
    pub(crate) fn watch(&self, kind: &str, reader: impl Fn() -> Option<PoolReading> + Send + 'static) {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|(_, reader)| reader().is_some());
        let is_free = |name: &String| pools.iter().all(|(taken, _)| taken != name);
        // The lowest free number, so that a restarted worker has the same name.
        let name = (0..=pools.len()).map(|number| format!("{kind}-{number}")).find(is_free);
        pools.push((name.unwrap_or_default(), Box::new(reader)));
    }
}

impl fmt::Debug for DatabasePools {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatabasePools")
    }
}

impl Collector for DatabasePools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let readings: Vec<([(&str, &str); 1], PoolReading)> =
            pools.iter().filter_map(|(name, reader)| Some(([("worker", name.as_str())], reader()?))).collect();
        let mut gauge = |name, help, value: fn(&PoolReading) -> usize| {
            let values = readings.iter().map(|(labels, reading)| (*labels, ConstGauge::new(value(reading))));
            write(&mut encoder, name, help, values)
        };
        gauge("database_connections_open", "Open connections to the database.", |reading| reading.open)?;
        gauge("database_connections_idle", "Open connections that are not in use.", |reading| reading.idle)?;
        gauge("database_connections_max", "Maximum number of open connections.", |reading| reading.max)
    }
}
