//! Headers, problem details and access log of every response, from whatever layer it comes.
//!
//! Every response has a request id and the security headers. Every error has a body of problem details. Each request is
//! logged once.

use std::{sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{
            ACCEPT, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    web,
};
use domain::{account::Locale, client::ClientNetwork, ids::UserId, session::Principal};
use tracing::{
    Instrument as _,
    field::{Empty, display},
};

use crate::{
    app_state::AppState,
    extract::client_address,
    large_response::Holder,
    metrics::{CLIENT_GONE, UNMATCHED, method_name},
    pages::preferred_locale,
    problem::{CarriedProblem, Code, PROBLEM_JSON, Problem},
    telemetry::{self, RequestSummary},
};

/// Header with the id of a request, in the request and in the response.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Field of a request's log lines with the id of the signed-in user, once it is known.
pub(crate) const USER_ID: &str = "user_id";

/// Policy of pages, which need only their own style sheet, images and forms.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Policy of Swagger UI, which sets styles in its script and shows images from data URLs.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Middleware around the whole application. It completes and logs every response.
pub(crate) async fn complete_response(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = ResponseContext::new(state.into_inner(), request.request());
    let log = AccessLog::begin(request.request(), &context.state.request_summary);
    // At the highest level, so that no filter removes it from the lines within.
    let span = tracing::error_span!("request", request_id = %context.id, trace_id = Empty, { USER_ID } = Empty);
    if let Some(trace) = telemetry::trace_id() {
        span.record("trace_id", display(trace));
    }
    async move {
        let mut log = log;
        match next.call(request).await {
            Ok(response) => {
                let route = response.request().match_pattern();
                let (request, response) = response.into_parts();
                let user = request.extensions().get::<Principal>().map(|principal| principal.user.id);
                let response = context.claim_memory(context.complete(response.map_into_boxed_body()), user);
                log.write(route.as_deref(), response.status().as_u16());
                Ok(ServiceResponse::new(request, response))
            }
            Err(error) => {
                let response = context.claim_memory(context.complete(error.error_response()), None);
                log.write(None, response.status().as_u16());
                Err(InternalError::from_response(error, response).into())
            }
        }
    }
    .instrument(span)
    .await
}

/// Access log line of a request. When it is dropped before it is written, the client has disconnected.
struct AccessLog {
    method: &'static str,
    started: Instant,
    is_written: bool,
    /// Counter that replaces the line of a preflight.
    summary: Option<Arc<RequestSummary>>,
}

impl AccessLog {
    fn begin(request: &HttpRequest, summary: &Arc<RequestSummary>) -> Self {
        let summary = is_preflight(request).then(|| Arc::clone(summary));
        Self { method: method_name(request.method()), started: Instant::now(), is_written: false, summary }
    }

    /// Writes the line. It contains neither path nor query, because they may hold private data.
    fn write(&mut self, route: Option<&str>, status: u16) {
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

/// Marker of an error response with a body of its own.
pub(crate) struct OwnBody;

/// Data of a request that its response needs.
pub(crate) struct ResponseContext {
    state: Arc<AppState>,
    id: String,
    path: String,
    /// Language of the page, when a browser expects a page and not JSON.
    page: Option<Locale>,
    network: ClientNetwork,
    /// True when the request changes nothing (RFC 9110, 9.2.1).
    is_safe: bool,
}

/// Returns the language of the page when a browser expects a page: outside of `/api`, with HTML accepted.
fn page_of(request: &HttpRequest) -> Option<Locale> {
    let accepts = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let is_page = !request.path().starts_with("/api") && accepts.contains("text/html");
    is_page.then(|| preferred_locale(request))
}

/// True for a CORS preflight (Fetch standard, 4.8), by the same rule as the CORS layer.
fn is_preflight(request: &HttpRequest) -> bool {
    let requested = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && requested.is_some_and(|name| Method::from_bytes(name.as_bytes()).is_ok())
}

impl ResponseContext {
    pub(crate) fn new(state: Arc<AppState>, request: &HttpRequest) -> Self {
        let id = request_id(request.headers()).unwrap_or_else(|| state.ids.next_id().to_string());
        let network = ClientNetwork::largest_of(client_address(request));
        let is_safe = request.method().is_safe();
        Self { state, id, path: request.path().to_owned(), page: page_of(request), network, is_safe }
    }

    /// Reserves the memory of the response in the budget of large responses: for the user of the request, or for the
    /// client network when no user is signed in.
    fn claim_memory(&self, response: HttpResponse, user: Option<UserId>) -> HttpResponse {
        let holder = user.map_or(Holder::Network(self.network), Holder::User);
        self.state
            .large_responses
            .claim(response, holder, self.is_safe)
            .unwrap_or_else(|problem| self.complete(problem.error_response()))
    }

    /// Writes the body of a problem and the headers of every response.
    pub(crate) fn complete(&self, response: HttpResponse) -> HttpResponse {
        let mut response = self.as_problem(response);
        if self.state.draining.has_begun() {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        let is_html =
            response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let response_status = response.status();
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if self.state.settings.is_https() {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        let is_docs = self.path.starts_with("/docs");
        if is_html {
            let policy = if is_docs { DOCS_POLICY } else { PAGE_POLICY };
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        let is_found = response_status.is_success() || response_status == StatusCode::NOT_MODIFIED;
        let is_picture = self.path.starts_with("/media/") && is_found;
        if is_picture {
            // The content of a picture never changes under its name.
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        }
        let is_private = self.path.starts_with("/api") || (is_html && !is_docs);
        if is_private && !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }

    /// Writes the problem that the response carries, or the problem for its status.
    fn as_problem(&self, response: HttpResponse) -> HttpResponse {
        let carried = response.extensions().get::<CarriedProblem>().map(|carried| carried.0.clone());
        let problem = match carried {
            Some(problem) => problem,
            None => match code_of_library_error(&response) {
                Some(code) => Arc::new(Problem::new(code)),
                None => return response,
            },
        };
        log_cause(&problem, response.status());
        let written = match self.page {
            Some(locale) => self.state.pages.respond_to_failure(response.status(), locale),
            None => problem.respond(&self.id),
        };
        let written = copy_headers(written, problem.respond(&self.id).headers());
        let mut written = copy_headers(written, response.headers());
        // The file server rejects other methods without the required Allow header (RFC 9110, 15.5.6).
        if written.status() == StatusCode::METHOD_NOT_ALLOWED && !written.headers().contains_key(ALLOW) {
            written.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        written
    }
}

/// Returns the code of an error response that a library made. Pages are excluded: they have their own form.
fn code_of_library_error(response: &HttpResponse) -> Option<Code> {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_written = kind.starts_with(b"text/html")
        || kind.starts_with(PROBLEM_JSON.as_bytes())
        || response.extensions().get::<OwnBody>().is_some();
    let code = Code::for_status(status);
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !is_written && code.status() == status).then_some(code)
}

fn log_cause(problem: &Problem, status: StatusCode) {
    let code = problem.code().as_str();
    match problem.cause() {
        Some(cause) if status.is_server_error() => tracing::error!(code, cause, "request failed"),
        Some(cause) => tracing::warn!(code, cause, "request rejected"),
        None => {}
    }
}

/// Copies the headers of other layers (CORS, Allow) to the response. The headers of the replaced body are left out.
fn copy_headers(mut response: HttpResponse, others: &HeaderMap) -> HttpResponse {
    let of_the_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    let own: Vec<HeaderName> = response.headers().keys().cloned().collect();
    for (name, value) in others.iter().filter(|(name, _)| !own.contains(name) && !of_the_body.contains(name)) {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}

/// Returns the client's request id when it is short and plain enough for the log.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_valid =
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_valid.then(|| id.to_owned())
}
