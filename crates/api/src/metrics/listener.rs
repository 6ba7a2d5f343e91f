//! The listener for `/metrics`, apart from the one that people reach.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    guard,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web,
};
use domain::{Ports, mail::OutboxStatus, store::Source};
use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    registry::Registry,
};
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};

use super::mail::of_database;

/// How long the database may take: less than a scrape, which Prometheus ends after 10 s.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);
/// Scrapers are few.
const MAX_CONNECTIONS: usize = 32;
/// Which way of writing metrics this is: OpenMetrics 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a scrape reads.
pub(crate) struct Scrape {
    registry: Arc<Registry>,
    ports: Ports,
    /// Where the ports' connections live.
    runtime: Handle,
}

impl Scrape {
    /// To be called on the runtime that `ports` were opened on.
    pub(crate) fn new(registry: Arc<Registry>, ports: Ports) -> Self {
        Self { registry, ports, runtime: Handle::current() }
    }

    async fn outbox(&self) -> Option<OutboxStatus> {
        let ports = self.ports.clone();
        let reading = self.runtime.spawn(async move {
            let status = ports.store.outbox_status(ports.clock.now());
            timeout(DATABASE_PATIENCE, status).await.ok()?.ok()
        });
        reading.await.ok()?
    }

    async fn text(&self) -> Result<String, fmt::Error> {
        let outbox = self.outbox().await;
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &of_database(outbox))?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

async fn metrics(scrape: web::Data<Scrape>) -> HttpResponse {
    match scrape.text().await {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, OPEN_METRICS))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// The listener, until it is told to stop.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
}

impl Listener {
    /// Listens; everything but `GET` and `HEAD` of `/metrics` is 404.
    ///
    /// # Errors
    /// When the port is taken.
    pub(crate) fn start(address: SocketAddr, scrape: Scrape) -> Result<Self, Source> {
        let scrape = web::Data::new(scrape);
        let server = HttpServer::new(move || {
            let is_read = guard::Any(guard::Get()).or(guard::Head());
            App::new().app_data(scrape.clone()).route("/metrics", web::route().guard(is_read).to(metrics))
        })
        .workers(1)
        .max_connections(MAX_CONNECTIONS)
        .disable_signals()
        .bind(address)
        .map_err(|error| format!("METRICS_ADDR: cannot listen on {address}: {error}; choose another address"))?;
        let address = server.addrs().first().copied().ok_or("METRICS_ADDR: the server listens nowhere")?;
        let server = server.run();
        Ok(Self { address, handle: server.handle(), server: tokio::spawn(server) })
    }

    /// Stops listening, at once: a scrape that is cut is scraped again.
    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
        if let Err(error) = self.server.await.unwrap_or_else(|error| Err(error.into())) {
            tracing::warn!(%error, "the metrics listener failed");
        }
    }
}
