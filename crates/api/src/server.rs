//! The running service: one HTTP server, its workers, one background runtime.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App, dev::ServerHandle, middleware::from_fn, web};
use domain::store::Source;
use futures_util::future::join;
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    app,
    connections::{self, Connections},
    departed,
    drain::{Draining, Signals},
    envelope::envelope,
    metrics::{self, Listener, Scrape},
    settings::Settings,
    telemetry,
    wiring::Wiring,
    workers::Workers,
};

/// A service that answers requests.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where metrics are told, if anywhere.
    pub metrics_address: Option<SocketAddr>,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    workers: Workers,
    refolding: JoinHandle<()>,
    metrics: Option<Listener>,
    draining: Draining,
    grace: Duration,
}

impl Running {
    /// Waits until the service is told to stop by a signal, and has stopped. A second signal ends it at once.
    ///
    /// # Errors
    /// When the server failed, or was not let finish.
    pub(crate) async fn until(mut self, signals: &mut Signals) -> Result<(), Source> {
        tokio::select! {
            outcome = &mut self.server => return Ok(outcome??),
            () = signals.next() => {}
        }
        tracing::info!(grace = ?self.grace, "told to stop: not ready any more; finishing what was begun");
        tokio::select! {
            outcome = self.stop() => outcome,
            () = signals.next() => Err("told to stop twice: what was begun is not finished".into()),
        }
    }

    /// Stops the service as a signal does: balancers get the time of grace to notice, open requests are
    /// answered, and the mails on their way are finished, meanwhile.
    ///
    /// # Errors
    /// When the server failed.
    pub async fn stop(self) -> Result<(), Source> {
        self.draining.begin();
        // A batch that is cut off is rolled back; the next start goes on.
        self.refolding.abort();
        let requests = async {
            sleep(self.grace).await;
            self.handle.stop(true).await;
            self.server.await
        };
        let (outcome, ()) = join(requests, self.workers.stop()).await;
        // The last to go, so that the end can be watched.
        if let Some(metrics) = self.metrics {
            metrics.stop().await;
        }
        Ok(outcome??)
    }
}

/// Migrates, then starts the service with so many workers. Must be called on an actix runtime.
///
/// # Errors
/// When a part cannot be made, the database cannot be reached, or the port is taken.
pub async fn start(settings: Settings, workers: usize) -> Result<Running, Source> {
    let (address, metrics_address) = (SocketAddr::new(settings.host, settings.port), settings.metrics_address);
    let grace = settings.shutdown_grace;
    let wiring = Wiring::new(settings).await?;
    wiring.migrate().await?;
    let background = wiring.ports("background").await?;

    let shared = wiring.clone();
    let app = move || {
        let (shell, wiring) = (web::Data::from(Arc::clone(&shared.shell)), shared.clone());
        let [flood, flood_by_56, flood_by_48] = shell.flood.gates();
        App::new()
            .app_data(shell.clone())
            .data_factory(move || ports_of_worker(wiring.clone()))
            .wrap(app::cors(&shell.settings))
            .wrap(from_fn(departed::finish))
            .wrap(from_fn(envelope))
            .wrap(from_fn(telemetry::trace))
            // A refused request has neither a log line nor a span, and is counted all the same.
            .wrap(flood_by_48)
            .wrap(flood_by_56)
            .wrap(flood)
            .wrap(from_fn(app::complete_refusal))
            .wrap(from_fn(metrics::observe))
            .app_data(web::Data::from(Arc::clone(&shared.metrics.http)))
            .configure(|config| app::configure(config, &shell))
    };
    let connections = Connections::new(&wiring.shell.settings, workers, Arc::clone(&wiring.metrics.connections));
    let (server, address) = connections::serve(connections, address, workers, app)
        .map_err(|error| format!("cannot listen on {address}: {error}; choose another HOST or PORT"))?;
    let scrape = Scrape::new(Arc::clone(&wiring.metrics.registry), background.clone());
    let metrics = metrics_address.map(|address| Listener::start(address, scrape)).transpose()?;
    let metrics_address = metrics.as_ref().map(|listener| listener.address);
    let workers = Workers::start(&background);
    let refolding = tokio::spawn({
        let wiring = wiring.clone();
        async move { wiring.refold().await }
    });
    let (handle, server) = (server.handle(), tokio::spawn(server));
    let draining = wiring.shell.draining.clone();
    Ok(Running { address, metrics_address, handle, server, workers, refolding, metrics, draining, grace })
}

async fn ports_of_worker(wiring: Wiring) -> Result<domain::Ports, Source> {
    wiring.ports("http").await.inspect_err(|error| tracing::error!(%error, "a worker cannot reach the database"))
}
