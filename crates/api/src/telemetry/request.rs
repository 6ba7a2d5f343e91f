//! A request as the span that its trace hangs on, by OpenTelemetry's conventions for HTTP.

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
    settings::Settings,
    shell::Shell,
};

/// What the conventions call a method that is none of theirs.
const OTHER_METHOD: &str = "_OTHER";
const TRACE_PARENT: &str = "traceparent";
/// Asked every second or so by whatever watches over the service: no trace of that is worth its place.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Kept with a request.
struct ServerSpan(Span);

/// Wraps the whole application, outside of everything that may answer.
pub(crate) async fn trace(
    shell: web::Data<Shell>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let span = server_span(&request, &shell.settings);
    if !span.is_disabled() {
        request.extensions_mut().insert(ServerSpan(span.clone()));
    }
    let method = conventional(request.method());
    let outcome = next.call(request).instrument(span.clone()).await;
    match &outcome {
        Ok(response) => note(&span, method, response.request().match_pattern(), response.status()),
        // No route was reached.
        Err(error) => note(&span, method, None, error.as_response_error().status_code()),
    }
    outcome.map(ServiceResponse::map_into_boxed_body)
}

/// The span that the trace of a request hangs on: what goes on in another task must enter it too.
pub(crate) fn span_of(request: &HttpRequest) -> Span {
    request.extensions().get::<ServerSpan>().map_or_else(Span::none, |span| span.0.clone())
}

/// The trace that the work at hand is part of, if it is sent.
pub(crate) fn trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    span.span_context().is_sampled().then(|| span.span_context().trace_id().to_string())
}

/// What the conventions call a method.
fn conventional(method: &Method) -> &'static str {
    match method_name(method) {
        metrics::OTHER_METHOD => OTHER_METHOD,
        method => method,
    }
}

/// The conventions want the path too. It may hold anything that somebody typed, so the route must do.
fn server_span(request: &ServiceRequest, settings: &Settings) -> Span {
    if PROBES.contains(&request.path()) {
        return Span::none();
    }
    let method = conventional(request.method());
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
        // It fails only where the span is not part of a trace.
        let _ = span.set_parent(parent);
    }
    span
}

/// The trace that a proxy of ours has begun. Anybody else could have every request of theirs traced, or put
/// requests into traces of others: what they send is not looked at.
fn parent(request: &ServiceRequest, settings: &Settings) -> Option<Context> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let is_ours = settings.trusted_proxies.iter().any(|network| network.contains(&peer));
    let context = is_ours.then(|| TraceContextPropagator::new().extract(&OneTraceParent(request.headers())))?;
    context.span().span_context().is_valid().then_some(context)
}

/// `traceparent`, when there is one. `tracestate` is left out: it is text of others, and nothing here needs it.
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

fn note(span: &Span, method: &str, route: Option<String>, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    if let Some(route) = route {
        // Its field names a span only until it is begun.
        span.context().span().update_name(format!("{method} {route}"));
        span.record("http.route", route);
    }
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", status.as_str());
    }
}
