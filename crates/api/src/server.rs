//! The running service: one HTTP server, its workers, one background runtime.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use domain::store::Source;
use tokio::task::JoinHandle;

use crate::{
    app, departed,
    envelope::envelope,
    metrics::{self, Listener, Scrape},
    settings::Settings,
    wiring::Wiring,
    workers::Workers,
};

/// How long a connection may be idle.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long open requests may go on after the signal to stop.
const SHUTDOWN_SECONDS: u64 = 30;

/// A service that answers requests.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where metrics are told, if anywhere.
    pub metrics_address: Option<SocketAddr>,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    workers: Workers,
    metrics: Option<Listener>,
}

impl Running {
    /// Waits until the service is told to stop by a signal, and has stopped.
    ///
    /// # Errors
    /// When the server failed.
    pub async fn finished(self) -> Result<(), Source> {
        let outcome = self.server.await;
        self.workers.stop().await;
        // The last to go, so that the end can be watched.
        if let Some(metrics) = self.metrics {
            metrics.stop().await;
        }
        Ok(outcome??)
    }

    /// Stops the service; open requests are answered first.
    ///
    /// # Errors
    /// When the server failed.
    pub async fn stop(self) -> Result<(), Source> {
        self.handle.stop(true).await;
        self.finished().await
    }
}

/// Migrates, then starts the service with so many workers. Must be called on an actix runtime.
///
/// # Errors
/// When a part cannot be made, the database cannot be reached, or the port is taken.
pub async fn start(settings: Settings, workers: usize) -> Result<Running, Source> {
    let (address, metrics_address) = (SocketAddr::new(settings.host, settings.port), settings.metrics_address);
    let head_timeout = settings.timeouts.head;
    let wiring = Wiring::new(settings).await?;
    wiring.migrate().await?;
    let background = wiring.ports("background").await?;

    let shared = wiring.clone();
    let server = HttpServer::new(move || {
        let (shell, wiring) = (web::Data::from(Arc::clone(&shared.shell)), shared.clone());
        App::new()
            .app_data(shell.clone())
            .data_factory(move || ports_of_worker(wiring.clone()))
            .wrap(shell.flood.gate())
            .wrap(app::cors(&shell.settings))
            .wrap(from_fn(departed::finish))
            .wrap(from_fn(envelope))
            .wrap(from_fn(metrics::observe))
            .app_data(web::Data::from(Arc::clone(&shared.metrics.http)))
            .configure(|config| app::configure(config, &shell))
    })
    .workers(workers)
    .client_request_timeout(head_timeout)
    .keep_alive(KEEP_ALIVE)
    // Who has closed the connection has gone: nothing that may still listen is known to close half of it.
    .h1_allow_half_closed(false)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .bind(address)
    .map_err(|error| format!("cannot listen on {address}: {error}; choose another HOST or PORT"))?;
    let address = server.addrs().first().copied().ok_or("the server listens nowhere")?;
    let scrape = Scrape::new(Arc::clone(&wiring.metrics.registry), background.clone());
    let metrics = metrics_address.map(|address| Listener::start(address, scrape)).transpose()?;
    let metrics_address = metrics.as_ref().map(|listener| listener.address);
    let server = server.run();
    let workers = Workers::start(&background);
    Ok(Running { address, metrics_address, handle: server.handle(), server: tokio::spawn(server), workers, metrics })
}

async fn ports_of_worker(wiring: Wiring) -> Result<domain::Ports, Source> {
    wiring.ports("http").await.inspect_err(|error| tracing::error!(%error, "a worker cannot reach the database"))
}
