//! Running service: the HTTP server, the background workers and the metrics listener.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App, dev::ServerHandle, middleware::from_fn, web};
use domain::error::Source;
use futures_util::future::join;
use tokio::{task::JoinHandle, time::sleep};

use crate::{
    app, caller, client_disconnect,
    connections::{self, Connections, ReservedPort},
    cors,
    metrics::{self, Listener, Scrape},
    request_id,
    response::complete_response,
    settings::Settings,
    shutdown::{Draining, Signals},
    telemetry::{self, RequestSummary},
    wiring::{CONNECTIONS_PER_WORKER, Wiring},
    workers::Workers,
};

/// Running service.
pub struct Running {
    /// Address of the HTTP server.
    pub address: SocketAddr,
    /// Address of the metrics listener; `None` when there is none.
    pub metrics_address: Option<SocketAddr>,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    workers: Workers,
    reindexing: JoinHandle<()>,
    watching_sessions: JoinHandle<()>,
    metrics: Option<Listener>,
    draining: Draining,
    request_summary: Arc<RequestSummary>,
    grace: Duration,
}

impl Running {
    /// Runs until a signal arrives, then stops the service. A second signal ends it at once.
    ///
    /// # Errors
    /// When the server failed, or a second signal arrived.
    pub(crate) async fn until(mut self, signals: &mut Signals) -> Result<(), Source> {
        tokio::select! {
            outcome = &mut self.server => return Ok(outcome??),
            () = signals.next() => {}
        }
        tracing::info!(grace = ?self.grace, "shutdown started: not ready, finishing open requests");
        tokio::select! {
            outcome = self.stop() => outcome,
            () = signals.next() => Err("shutdown aborted by a second signal: open requests were not finished".into()),
        }
    }

    /// Stops the service as a signal does. It accepts requests during the grace period, in which load balancers notice
    /// the stop, and then finishes open requests. Meanwhile mails in delivery are finished.
    ///
    /// # Errors
    /// When the server failed.
    pub async fn stop(self) -> Result<(), Source> {
        self.draining.begin();
        // An interrupted batch is rolled back, and the next start continues.
        self.reindexing.abort();
        self.watching_sessions.abort();
        let requests = async {
            sleep(self.grace).await;
            self.handle.stop(true).await;
            self.server.await
        };
        let (outcome, ()) = join(requests, self.workers.stop()).await;
        // The counts since the last interval.
        self.request_summary.log();
        // Stopped last, so that the shutdown can be observed.
        if let Some(metrics) = self.metrics {
            metrics.stop().await;
        }
        Ok(outcome??)
    }
}

/// Migrates the database and starts the service with `workers` workers. Must be called on an actix runtime.
///
/// # Errors
/// When a setting is invalid, the database is unavailable, or a port is in use.
pub async fn start(settings: Settings, workers: usize) -> Result<Running, Source> {
    let (address, metrics_address) = (SocketAddr::new(settings.host, settings.port), settings.metrics_address);
    let grace = settings.shutdown_grace;
    let wiring = Wiring::new(settings).await?;
    let cannot_listen =
        |error| format!("cannot listen on {address}: {error}; stop the other program, or set another HOST or PORT");
    // Before the migration: a service that cannot start changes no schema.
    let port = ReservedPort::new(address).map_err(cannot_listen)?;
    let metrics_port = metrics_address.map(reserve_metrics_port).transpose()?;
    wiring.migrate().await?;
    let background = wiring.ports("background").await?;

    let shared = wiring.clone();
    let app = move || {
        let (state, wiring) = (Arc::clone(&shared.state), shared.clone());
        let [flood, flood_by_56, flood_by_48] = state.flood.gates();
        App::new()
            .data_factory(move || ports_of_worker(wiring.clone()))
            .wrap(cors::layer(&state.settings))
            .wrap(from_fn(client_disconnect::finish))
            .wrap(from_fn(complete_response))
            .wrap(from_fn(telemetry::trace))
            // A rejected request has neither a log line nor a span, but metrics count it.
            .wrap(flood_by_48)
            .wrap(flood_by_56)
            .wrap(flood)
            .wrap(from_fn(app::complete_rejection))
            .wrap(from_fn(caller::find_client))
            .wrap(from_fn(request_id::assign))
            .wrap(from_fn(metrics::observe))
            .app_data(web::Data::from(Arc::clone(&shared.metrics.http)))
            .configure(|config| app::configure(config, &state))
    };
    let counted = Arc::clone(&wiring.metrics.connections);
    let connections = Connections::new(&wiring.state.settings, workers, CONNECTIONS_PER_WORKER, counted);
    let (server, address) = connections::serve(connections, port, workers, app).map_err(cannot_listen)?;
    let scrape = Scrape::new(Arc::clone(&wiring.metrics.registry), background.clone());
    let metrics = metrics_port.map(|port| Listener::start(port.listen()?, scrape)).transpose()?;
    let metrics_address = metrics.as_ref().map(|listener| listener.address);
    let workers = Workers::start(&background);
    let reindexing = tokio::spawn({
        let wiring = wiring.clone();
        async move { wiring.reindex().await }
    });
    let watching_sessions = tokio::spawn({
        let wiring = wiring.clone();
        async move { wiring.watch_session_changes().await }
    });
    let (handle, server) = (server.handle(), tokio::spawn(server));
    let (draining, request_summary) = (wiring.state.draining.clone(), Arc::clone(&wiring.state.request_summary));
    Ok(Running {
        address,
        metrics_address,
        handle,
        server,
        workers,
        reindexing,
        watching_sessions,
        metrics,
        draining,
        request_summary,
        grace,
    })
}

fn reserve_metrics_port(address: SocketAddr) -> Result<ReservedPort, Source> {
    let cannot_listen =
        |error| format!("METRICS_ADDR: cannot listen on {address}: {error}; choose another address").into();
    ReservedPort::new(address).map_err(cannot_listen)
}

async fn ports_of_worker(wiring: Wiring) -> Result<domain::Ports, Source> {
    wiring
        .ports("http")
        .await
        .inspect_err(|error| tracing::error!(%error, "worker start failed: no connection to the database"))
}
