//! Access log: one line for each request, and the cause of a problem.

use std::{sync::Arc, time::Instant};

use actix_web::{
    Error, HttpRequest,
    http::{Method, StatusCode, header::ACCESS_CONTROL_REQUEST_METHOD},
};

use crate::{
    metrics::{CLIENT_GONE, UNMATCHED, method_name},
    problem::Problem,
    telemetry::RequestSummary,
};

/// Access log line of a request. When it is dropped before it is written, the client has disconnected.
pub(super) struct AccessLog {
    method: &'static str,
    started: Instant,
    is_written: bool,
    /// Counter that replaces the line of a preflight.
    summary: Option<Arc<RequestSummary>>,
}

impl AccessLog {
    pub(super) fn begin(request: &HttpRequest, summary: &Arc<RequestSummary>) -> Self {
        let summary = is_preflight(request).then(|| Arc::clone(summary));
        Self { method: method_name(request.method()), started: Instant::now(), is_written: false, summary }
    }

    /// Writes the line. It contains neither path nor query, because they may hold private data.
    pub(super) fn write(&mut self, route: Option<&str>, status: u16) {
        self.is_written = true;
        if let Some(summary) = &self.summary {
            summary.count_preflight();
            return;
        }
        let (method, route) = (self.method, route.unwrap_or(UNMATCHED));
        let latency_ms = self.started.elapsed().as_micros() as f64 / 1e3;
        tracing::info!(method, route, status, latency_ms, "request");
    }
}

impl Drop for AccessLog {
    fn drop(&mut self) {
        if !self.is_written {
            // The route is no longer known.
            self.write(None, CLIENT_GONE);
        }
    }
}

/// Logs the cause of a problem.
pub(super) fn log_cause(error: Option<&Error>, status: StatusCode) {
    let Some(problem) = error.and_then(|error| error.as_error::<Problem>()) else { return };
    let code = problem.code().as_str();
    match problem.cause() {
        Some(cause) if status.is_server_error() => tracing::error!(code, cause, "request failed"),
        Some(cause) => tracing::warn!(code, cause, "request rejected"),
        None => {}
    }
}

/// True for a CORS preflight (Fetch standard, 4.8), by the same rule as the CORS layer.
fn is_preflight(request: &HttpRequest) -> bool {
    let requested = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && requested.is_some_and(|name| Method::from_bytes(name.as_bytes()).is_ok())
}
