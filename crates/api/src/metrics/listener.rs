//! Listener of `/metrics`, separate from the public one.

use std::{
    fmt,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    guard,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web,
};
use domain::{Ports, error::Source, mail::OutboxStatus};
use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    registry::Registry,
};
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};

use super::mail::of_database;

/// Timeout of the database query. It is shorter than a scrape, which Prometheus ends after 10 s.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum number of connections. Few scrapers are expected.
const MAX_CONNECTIONS: usize = 32;
/// Media type of the response: OpenMetrics 1.0.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Sources of the values of a scrape.
pub(crate) struct Scrape {
    registry: Arc<Registry>,
    ports: Ports,
    /// Runtime of the ports' connections.
    runtime: Handle,
}

impl Scrape {
    /// Must be called on the runtime on which `ports` were opened.
    pub(crate) fn new(registry: Arc<Registry>, ports: Ports) -> Self {
        Self { registry, ports, runtime: Handle::current() }
    }

    async fn outbox(&self) -> Option<OutboxStatus> {
        let ports = self.ports.clone();
        let reading = self.runtime.spawn(async move {
            let status = ports.store.outbox_status(ports.clock.now());
            timeout(DATABASE_TIMEOUT, status).await.ok()?.ok()
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

/// Running listener.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
}

impl Listener {
    /// Starts the listener. It responds 404 to every request other than `GET` and `HEAD` of `/metrics`.
    ///
    /// # Errors
    /// When the server cannot accept connections.
    pub(crate) fn start(listener: TcpListener, scrape: Scrape) -> Result<Self, Source> {
        let scrape = web::Data::new(scrape);
        let server = HttpServer::new(move || {
            let is_read = guard::Any(guard::Get()).or(guard::Head());
            App::new().app_data(scrape.clone()).route("/metrics", web::route().guard(is_read).to(metrics))
        })
        .workers(1)
        .max_connections(MAX_CONNECTIONS)
        .disable_signals()
        .listen(listener)?;
        let address = server.addrs().first().copied().ok_or("METRICS_ADDR: the listener has no address")?;
        let server = server.run();
        Ok(Self { address, handle: server.handle(), server: tokio::spawn(server) })
    }

    /// Stops the listener at once. Prometheus repeats an interrupted scrape.
    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
        if let Err(error) = self.server.await.unwrap_or_else(|error| Err(error.into())) {
            tracing::warn!(%error, "metrics listener failed");
        }
    }
}
