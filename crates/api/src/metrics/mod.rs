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
mod registry;
mod work;

use std::sync::Arc;

use prometheus_client::registry::Registry;

pub(crate) use self::{
    cache::{CacheReading, SessionCacheReader},
    connections::ConnectionMetrics,
    database::{DatabasePools, PoolReading},
    http::{CLIENT_GONE, HttpMetrics, OTHER_METHOD, UNMATCHED, method_name, observe},
    limits::CountedRateLimiter,
    listener::{Listener, Scrape},
    mail::CountedMailer,
    registry::{ours, registry},
    work::WorkPools,
};

/// Metrics of all workers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) registry: Arc<Registry>,
    pub(crate) http: Arc<HttpMetrics>,
    pub(crate) connections: Arc<ConnectionMetrics>,
    pub(crate) database_pools: DatabasePools,
}
