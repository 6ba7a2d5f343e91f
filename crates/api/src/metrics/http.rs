//! Metrics of requests, by method, route and status.

use std::{borrow::Cow, time::Instant};

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
    web,
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::route_pattern;

/// Upper bounds of the histogram's buckets, in seconds. 50 ms is the target of routes without a password while login is
/// flooded. Requests that hash a password take longer.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Label of a request without a route. A client can invent any number of paths.
pub(crate) const UNMATCHED: &str = "unmatched";
/// Label of an unknown method. A client can invent any number of methods.
pub(crate) const OTHER_METHOD: &str = "other";
/// Methods of CardDAV.
const DAV_METHODS: [&str; 4] = ["PROPFIND", "PROPPATCH", "REPORT", "MOVE"];
/// Status of a request whose client disconnected before the response. It is never sent; proxies use the same number.
pub(crate) const CLIENT_GONE: u16 = 499;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: Cow<'static, str>,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    method: &'static str,
    route: Cow<'static, str>,
}

/// Metrics of the requests of all workers.
pub(crate) struct HttpMetrics {
    answered: Family<Answered, Counter>,
    durations: Family<Timed, Histogram>,
    in_flight: Gauge,
}

impl HttpMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let answered = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let in_flight = Gauge::default();
        registry.register("http_requests", "Requests that ended", answered.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to the head of its response",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register("http_requests_in_flight", "Requests in progress", in_flight.clone());
        Self { answered, durations, in_flight }
    }

    fn count(&self, method: &'static str, route: Cow<'static, str>, status: u16, started: Instant) {
        self.durations.get_or_create(&Timed { method, route: route.clone() }).observe(started.elapsed().as_secs_f64());
        self.answered.get_or_create(&Answered { method, route, status }).inc();
    }
}

/// Middleware outside of every layer that may respond. It counts requests and measures their duration.
pub(crate) async fn observe(
    metrics: web::Data<HttpMetrics>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut counted = InFlight::begin(&metrics, method_name(request.method()));
    let outcome = next.call(request).await;
    match &outcome {
        Ok(response) => {
            let route = route_pattern::of(response.request());
            counted.end(route, response.status());
        }
        // No route was reached.
        Err(error) => counted.end(None, error.as_response_error().status_code()),
    }
    outcome.map(ServiceResponse::map_into_boxed_body)
}

/// Request in progress. When it is dropped before [`InFlight::end`], the client has disconnected.
struct InFlight<'a> {
    metrics: &'a HttpMetrics,
    method: &'static str,
    started: Instant,
    is_counted: bool,
}

impl<'a> InFlight<'a> {
    fn begin(metrics: &'a HttpMetrics, method: &'static str) -> Self {
        metrics.in_flight.inc();
        Self { metrics, method, started: Instant::now(), is_counted: false }
    }

    fn end(&mut self, route: Option<Cow<'static, str>>, status: StatusCode) {
        let route = route.unwrap_or(Cow::Borrowed(UNMATCHED));
        self.metrics.count(self.method, route, status.as_u16(), self.started);
        self.is_counted = true;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.metrics.in_flight.dec();
        if !self.is_counted {
            // The route is no longer known.
            self.metrics.count(self.method, Cow::Borrowed(UNMATCHED), CLIENT_GONE, self.started);
        }
    }
}

/// Returns the name of a known method, or [`OTHER_METHOD`].
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => DAV_METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER_METHOD),
    }
}
