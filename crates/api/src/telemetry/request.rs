//! Server span of a request, by the semantic conventions of OpenTelemetry for HTTP.

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header::HeaderMap},
    middleware::Next,
    web,
};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Instrument as _, Level, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::SPANS;
use crate::{
    metrics::{self, method_name},
    route_pattern,
    settings::Settings,
};

/// Name of an unknown method in the semantic conventions of OpenTelemetry.
const OTHER_METHOD: &str = "_OTHER";
/// Header with the trace of the client (W3C Trace Context).
const TRACE_PARENT: &str = "traceparent";
/// Paths of health checks. They are called about once a second, so they are not traced.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Span of a request, stored in its extensions.
struct ServerSpan(Span);

/// Middleware outside of every layer that may respond. It opens the server span of a request.
pub(crate) async fn trace(
    settings: web::Data<Settings>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let span = server_span(&request, &settings);
    if !span.is_disabled() {
        request.extensions_mut().insert(ServerSpan(span.clone()));
    }
    let method = conventional_method(request.method());
    let outcome = next.call(request).instrument(span.clone()).await;
    match &outcome {
        Ok(response) => record(&span, method, Some(response.request()), response.status()),
        // No route was reached.
        Err(error) => record(&span, method, None, error.as_response_error().status_code()),
    }
    outcome.map(ServiceResponse::map_into_boxed_body)
}

/// Returns the server span of a request. Work in another task must enter it to be part of the trace.
pub(crate) fn span_of(request: &HttpRequest) -> Span {
    request.extensions().get::<ServerSpan>().map_or_else(Span::none, |span| span.0.clone())
}

/// Returns the id of the current trace when the trace is sampled.
pub(super) fn trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    span.span_context().is_sampled().then(|| span.span_context().trace_id().to_string())
}

/// Returns the name of a method in the conventions.
fn conventional_method(method: &Method) -> &'static str {
    match method_name(method) {
        metrics::OTHER_METHOD => OTHER_METHOD,
        method => method,
    }
}

/// Opens the server span. The conventions also require the path. It may contain anything that a client typed, so only
/// the route is recorded.
fn server_span(request: &ServiceRequest, settings: &Settings) -> Span {
    if PROBES.contains(&request.path()) {
        return Span::none();
    }
    let method = conventional_method(request.method());
    let span = tracing::span!(
        target: SPANS,
        Level::INFO,
        "request",
        otel.kind = "server",
        otel.name = if method == OTHER_METHOD { "HTTP" } else { method },
        otel.status_code = Empty,
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
        "error.type" = Empty,
        url.scheme = settings.public_url.scheme(),
    );
    if let Some(parent) = parent(request, settings) {
        // Fails only when the span is not part of a trace.
        let _ = span.set_parent(parent);
    }
    span
}

/// Returns the trace that a trusted proxy has begun. The header of other clients is ignored: with it they could have all
/// of their requests traced, or add requests to the traces of others.
fn parent(request: &ServiceRequest, settings: &Settings) -> Option<Context> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let is_trusted = settings.trusted_proxies.iter().any(|network| network.contains(&peer));
    let context = is_trusted.then(|| TraceContextPropagator::new().extract(&OneTraceParent(request.headers())))?;
    context.span().span_context().is_valid().then_some(context)
}

/// Header `traceparent`, when it occurs exactly once. `tracestate` is ignored: nothing here uses it, and it is text of
/// others.
struct OneTraceParent<'a>(&'a HeaderMap);

impl Extractor for OneTraceParent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let mut lines = self.0.get_all(TRACE_PARENT).filter(|_| key == TRACE_PARENT);
        let line = lines.next()?;
        if lines.next().is_some() { None } else { line.to_str().ok() }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACE_PARENT]
    }
}

fn record(span: &Span, method: &str, request: Option<&HttpRequest>, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    if let Some(route) = request.and_then(route_pattern::of) {
        // The field `otel.name` has no effect once the span has begun.
        span.context().span().update_name(format!("{method} {route}"));
        span.record("http.route", &*route);
    }
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", status.as_str());
    }
}
