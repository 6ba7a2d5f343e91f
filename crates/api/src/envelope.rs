//! What every answer carries, whatever layer it comes from: a request id, the security headers, and
//! for errors the one form of problem details. Here each request is logged, once.

use std::{sync::Arc, time::Instant};

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError as _,
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
use domain::{account::Locale, client::ClientNetwork};
use tracing::{
    Instrument as _,
    field::{Empty, display},
};

use crate::{
    extract::client_address,
    metrics::{CLIENT_GONE, UNMATCHED, method_name},
    pages::preferred_locale,
    problem::{CarriedProblem, Code, PROBLEM_JSON, Problem},
    shell::Shell,
    telemetry::{self, RequestSummary},
};

/// The header that names a request, in the request and in the answer.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The field of a request's log lines that says who is signed in, once that is known.
pub(crate) const USER_ID: &str = "user_id";

/// Pages need their own style sheet and forms, nothing else.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Swagger UI sets styles from its script, and shows pictures from data URLs.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                           img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Wraps the whole application.
pub(crate) async fn envelope(
    shell: web::Data<Shell>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let client = ClientNetwork::largest_of(client_address(request.request()));
    let seal = Seal::new(shell.into_inner(), request.request());
    let line = Line::begin(request.request(), &seal.shell.request_summary);
    // Of the highest level, so that the lines within carry it whatever is filtered.
    let span = tracing::error_span!("request", request_id = %seal.id, trace_id = Empty, { USER_ID } = Empty);
    if let Some(trace) = telemetry::trace_id() {
        span.record("trace_id", display(trace));
    }
    async move {
        let mut line = line;
        match next.call(request).await {
            Ok(response) => {
                let route = response.request().match_pattern();
                let (request, response) = response.into_parts();
                let response = seal.claim_memory(seal.close(response.map_into_boxed_body()), client);
                line.write(route.as_deref(), response.status().as_u16());
                Ok(ServiceResponse::new(request, response))
            }
            Err(error) => {
                let response = seal.claim_memory(seal.close(error.error_response()), client);
                line.write(None, response.status().as_u16());
                Err(InternalError::from_response(error, response).into())
            }
        }
    }
    .instrument(span)
    .await
}

/// The line of a request. Dropped before it was written, the client has gone.
struct Line {
    method: &'static str,
    started: Instant,
    is_written: bool,
    /// Counts the request instead, when it is a preflight.
    summary: Option<Arc<RequestSummary>>,
}

impl Line {
    fn begin(request: &HttpRequest, summary: &Arc<RequestSummary>) -> Self {
        let summary = is_preflight(request).then(|| Arc::clone(summary));
        Self { method: method_name(request.method()), started: Instant::now(), is_written: false, summary }
    }

    /// Names and numbers of ours only: neither path nor query, which may hold anything.
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

impl Drop for Line {
    fn drop(&mut self) {
        if !self.is_written {
            // Which route it was is no longer known.
            self.write(None, CLIENT_GONE);
        }
    }
}

/// Marks an answer that is an error and says so in its own words.
pub(crate) struct SaidItself;

/// What the answer needs to know of its request.
pub(crate) struct Seal {
    shell: Arc<Shell>,
    id: String,
    path: String,
    /// The language, when a person's browser has sent a form and expects a page.
    page: Option<Locale>,
}

/// Whether a page is expected: a form of ours was sent, not a call of the API.
fn page_of(request: &HttpRequest) -> Option<Locale> {
    let accepts = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let is_page = !request.path().starts_with("/api") && accepts.contains("text/html");
    is_page.then(|| preferred_locale(request))
}

/// Tells CORS preflights (Fetch standard, 4.8) apart, as the CORS layer does.
fn is_preflight(request: &HttpRequest) -> bool {
    let asked = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asked.is_some_and(|name| Method::from_bytes(name.as_bytes()).is_ok())
}

impl Seal {
    pub(crate) fn new(shell: Arc<Shell>, request: &HttpRequest) -> Self {
        let id = request_id(request.headers()).unwrap_or_else(|| shell.ids.next_id().to_string());
        Self { shell, id, path: request.path().to_owned(), page: page_of(request) }
    }

    /// Takes the memory of the response from the budget that large ones share.
    fn claim_memory(&self, response: HttpResponse, client: ClientNetwork) -> HttpResponse {
        self.shell
            .large_responses
            .claim(response, client)
            .unwrap_or_else(|problem| self.close(problem.error_response()))
    }

    /// Writes the body of a problem, and the headers of every answer.
    pub(crate) fn close(&self, response: HttpResponse) -> HttpResponse {
        let mut response = self.as_problem(response);
        if self.shell.draining.has_begun() {
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
        if self.shell.settings.is_https() {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        let is_docs = self.path.starts_with("/docs");
        if is_html {
            let policy = if is_docs { DOCS_POLICY } else { PAGE_POLICY };
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        let is_there = response_status.is_success() || response_status == StatusCode::NOT_MODIFIED;
        let is_picture = self.path.starts_with("/media/") && is_there;
        if is_picture {
            // A picture's name always means the same bytes.
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        }
        let is_private = self.path.starts_with("/api") || (is_html && !is_docs);
        if is_private && !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }

    /// Writes the problem that the response carries, or the one its status means.
    fn as_problem(&self, response: HttpResponse) -> HttpResponse {
        let carried = response.extensions().get::<CarriedProblem>().map(|carried| carried.0.clone());
        let problem = match carried {
            Some(problem) => problem,
            None => match unwritten(&response) {
                Some(code) => Arc::new(Problem::new(code)),
                None => return response,
            },
        };
        log_cause(&problem, response.status());
        let written = match self.page {
            Some(locale) => self.shell.pages.respond_to_failure(response.status(), locale),
            None => problem.respond(&self.id),
        };
        let written = keep_headers(written, problem.respond(&self.id).headers());
        let mut written = keep_headers(written, response.headers());
        // The file server refuses other methods without naming its own (RFC 9110, 15.5.6).
        if written.status() == StatusCode::METHOD_NOT_ALLOWED && !written.headers().contains_key(ALLOW) {
            written.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        written
    }
}

/// The code of an error that some library answered by itself. Pages for people are errors in their
/// own form.
fn unwritten(response: &HttpResponse) -> Option<Code> {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_written = kind.starts_with(b"text/html")
        || kind.starts_with(PROBLEM_JSON.as_bytes())
        || response.extensions().get::<SaidItself>().is_some();
    let code = Code::for_status(status);
    let is_error = status.is_client_error() || status.is_server_error();
    (is_error && !is_written && code.status() == status).then_some(code)
}

fn log_cause(problem: &Problem, status: StatusCode) {
    let code = problem.code().as_str();
    match problem.cause() {
        Some(cause) if status.is_server_error() => tracing::error!(code, cause, "the request failed"),
        Some(cause) => tracing::warn!(code, cause, "the request was refused"),
        None => {}
    }
}

/// What other layers have said in headers (CORS, Allow) stays; what they have said of the body they
/// had written goes with it.
fn keep_headers(mut response: HttpResponse, others: &HeaderMap) -> HttpResponse {
    let of_the_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
    let own: Vec<HeaderName> = response.headers().keys().cloned().collect();
    for (name, value) in others.iter().filter(|(name, _)| !own.contains(name) && !of_the_body.contains(name)) {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}

/// The caller's id, when it is short and plain enough to stand in a log.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_sane =
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_sane.then(|| id.to_owned())
}
