//! Connections of the service: their admission and their deadlines.
//!
//! actix has deadlines only for the first head and for idle connections. So this module drives each connection and
//! watches its [`Progress`]. A client that sends nothing or reads nothing is disconnected in every state.

mod admission;
mod deadlines;
mod descriptors;
mod exchange;
mod progress;
#[cfg(test)]
mod progress_tests;
mod stream;
mod watch;

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use actix_http::{HttpService, Request, Response, body::MessageBody, error::DispatchError};
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, apply_fn_factory, fn_factory, fn_service,
    map_config,
};
use actix_web::dev::AppConfig;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::{net::TcpStream, time::Instant};

use self::{
    admission::Permit,
    deadlines::Deadlines,
    exchange::Exchange,
    progress::Progress,
    stream::{ObservedStream, set_options},
    watch::Watched,
};
pub(crate) use self::{
    admission::{Admission, ExceededLimit},
    deadlines::MissedDeadline,
};
use crate::{metrics::ConnectionMetrics, settings::Settings};

/// Connections that the kernel completes before a worker accepts them.
const BACKLOG: i32 = 1024;
/// Time for which an unwanted body is read after the response, so that the client can read the response.
const DRAIN: Duration = Duration::from_secs(1);
/// Additional time for actix to end a connection itself, with a response.
const GRACE: Duration = Duration::from_secs(1);
/// Seconds for open requests to finish after the service has stopped accepting new ones.
const SHUTDOWN_SECONDS: u64 = 30;

/// Limits of connections.
#[derive(Clone)]
pub(crate) struct Connections {
    admission: Arc<Admission>,
    deadlines: Deadlines,
    head: Duration,
    idle: Duration,
    per_worker: usize,
}

impl Connections {
    /// Returns the limits, from the settings and the descriptor limit of the system. `per_pool` is the number of
    /// connections of a worker to the database.
    pub(crate) fn new(settings: &Settings, workers: usize, per_pool: u32, metrics: Arc<ConnectionMetrics>) -> Self {
        let total = descriptors::room_for_connections(workers, per_pool);
        let timeouts = &settings.timeouts;
        let deadlines = Deadlines {
            head: timeouts.head + GRACE,
            body: timeouts.body + GRACE,
            idle: timeouts.idle + GRACE,
            closing: DRAIN + GRACE,
            write: timeouts.write,
        };
        let exempt = settings.trusted_proxies.clone();
        Self {
            admission: Admission::new(settings.connections_per_network, total, exempt, metrics),
            deadlines,
            head: timeouts.head,
            idle: timeouts.idle,
            per_worker: total / workers.max(1) + descriptors::UNSEEN_PER_WORKER,
        }
    }

    fn accept(&self, stream: &TcpStream) -> Option<(Permit, SocketAddr)> {
        // A client that has already disconnected has no address.
        let peer = stream.peer_addr().ok()?;
        let permit = self.admission.admit(peer.ip()).ok()?;
        set_options(stream, self.deadlines.write);
        Some((permit, peer))
    }
}

/// Port that is reserved for the service. Clients cannot connect yet.
pub(crate) struct ReservedPort(Socket);

impl ReservedPort {
    /// Reserves the port of this address.
    ///
    /// # Errors
    /// When another program listens on it, or the address is not one of this machine.
    pub(crate) fn new(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // On Windows this option would let another process listen on the same port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        Ok(Self(socket))
    }

    pub(crate) fn listen(self) -> io::Result<TcpListener> {
        self.0.listen(BACKLOG)?;
        Ok(self.0.into())
    }
}

/// Listens on the port and serves the application on `workers` workers.
///
/// # Errors
/// When listening fails.
pub(crate) fn serve<F, I, S, B>(
    connections: Connections,
    port: ReservedPort,
    workers: usize,
    app: F,
) -> io::Result<(Server, SocketAddr)>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let listener = port.listen()?;
    let address = listener.local_addr()?;
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections.per_worker)
        // `Running::until` handles signals: actix would stop listening at once.
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_SECONDS);
    let stopping = builder.graceful_shutdown_signal();
    let builder = builder.listen("http", listener, move || {
        let (connections, stopping) = (connections.clone(), stopping.clone());
        let http = http_service(&connections, app());
        fn_factory(move || {
            let (connections, stopping, handler) = (connections.clone(), stopping.clone(), http.new_service(()));
            async move {
                let handler = Rc::new(handler.await?);
                let serve = move |stream| serve_connection(&connections, &stopping, &handler, stream);
                Ok::<_, ()>(fn_service(serve))
            }
        })
    })?;
    Ok((builder.run(), address))
}

/// Returns the HTTP/1.1 service over [`ObservedStream`]. Each request updates the progress of its connection.
fn http_service<I, S, B>(
    connections: &Connections,
    app: I,
) -> impl ServiceFactory<
    (ObservedStream, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
    Service: Service<(ObservedStream, Option<SocketAddr>), Response = (), Error = DispatchError, Future: 'static>,
> + use<I, S, B>
where
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let app = map_config(app, |()| AppConfig::default()).map_err(|error: S::Error| error.into());
    let app = apply_fn_factory(app, |mut request: Request, app| {
        let exchange = Exchange::begin(&mut request);
        let answering = app.call(request);
        async move {
            Ok::<_, actix_web::Error>(match answering.await {
                Ok(response) => exchange.respond(response.into()),
                Err(error) => exchange.respond(Response::from(error)),
            })
        }
    });
    HttpService::build()
        .keep_alive(connections.idle)
        .client_request_timeout(connections.head)
        .client_disconnect_timeout(DRAIN)
        // A client that closes its side has disconnected. No known client half-closes and still reads.
        .h1_allow_half_closed(false)
        .on_connect_ext(|stream: &ObservedStream, extensions| {
            extensions.insert(Rc::clone(&stream.progress));
        })
        .h1(app)
}

/// Serves one connection until it ends or a deadline passes. A connection that exceeds a limit is closed unread.
fn serve_connection<H>(
    connections: &Connections,
    stopping: &GracefulShutdownSignal,
    handler: &Rc<H>,
    stream: TcpStream,
) -> impl Future<Output = Result<(), ()>> + use<H>
where
    H: Service<(ObservedStream, Option<SocketAddr>), Response = (), Error = DispatchError> + 'static,
    H::Future: 'static,
{
    // Admission is decided at once and not in the future below: otherwise the connections of a flood would queue up.
    let admitted = connections.accept(&stream).map(|(permit, peer)| (permit, peer, stream));
    let (deadlines, metrics) = (connections.deadlines, Arc::clone(&connections.admission.metrics));
    let (stopping, handler) = (stopping.clone(), Rc::clone(handler));
    async move {
        let Some((_permit, peer, stream)) = admitted else { return Err(()) };
        let progress = Rc::new(Progress::new(deadlines, Instant::now()));
        poll_fn(|context| handler.poll_ready(context)).await.map_err(|_| ())?;
        let dispatcher = handler.call((ObservedStream::new(stream, Rc::clone(&progress)), Some(peer)));
        let stopping = async move { stopping.notified().await };
        if let Err(missed) = Watched::new(dispatcher, stopping, progress).await {
            metrics.timed_out(missed.as_str());
        }
        Ok(())
    }
}
