//! Metrics of the session cache, read at the scrape.

use std::fmt;

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, metrics::counter::ConstCounter};

use super::registry::write;

/// Lookups since the start, by outcome. `unavailable` counts lookups without an answer of the cache.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheReading {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) unavailable: u64,
}

/// Collector that reads the session cache.
pub(crate) struct SessionCacheReader(pub(crate) Box<dyn Fn() -> CacheReading + Send + Sync>);

impl fmt::Debug for SessionCacheReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionCacheReader")
    }
}

impl Collector for SessionCacheReader {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let CacheReading { hits, misses, unavailable } = (self.0)();
        let values = [("hit", hits), ("miss", misses), ("unavailable", unavailable)]
            .into_iter()
            .map(|(outcome, count)| ([("outcome", outcome)], ConstCounter::new(count)));
        write(&mut encoder, "session_cache_lookups", "Lookups of sessions in the cache.", values)
    }
}
