//! What every answer carries, whatever layer it comes from: a request id, the security headers, and
//! for errors the one form of problem details. Here each request is logged, once.

use std::time::Instant;

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    web,
};
use tracing::Instrument as _;

use crate::{
    problem::{CarriedProblem, Code, PROBLEM_JSON, Problem},
    shell::Shell,
};

/// The header that names a request, in the request and in the answer.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    let id = request_id(request.headers()).unwrap_or_else(|| shell.ids.next_id().to_string());
    let started = Instant::now();
    let seal = Seal { is_https: shell.settings.is_https(), path: request.path().to_owned(), id };
    let method = request.method().clone();
    let span = tracing::info_span!("request", request_id = %seal.id);
    async {
        match next.call(request).await {
            Ok(response) => {
                let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
                let (request, response) = response.into_parts();
                let response = seal.close(response.map_into_boxed_body());
                let latency = started.elapsed();
                tracing::info!(%method, route, status = response.status().as_u16(), ?latency, "request");
                Ok(ServiceResponse::new(request, response))
            }
            Err(error) => {
                let response = seal.close(error.error_response());
                tracing::info!(%method, route = "refused", status = response.status().as_u16(), "request");
                Err(InternalError::from_response(error, response).into())
            }
        }
    }
    .instrument(span)
    .await
}

/// What the answer needs to know of its request.
struct Seal {
    id: String,
    path: String,
    is_https: bool,
}

impl Seal {
    fn close(&self, response: HttpResponse) -> HttpResponse {
        let mut response = self.as_problem(response);
        let is_html =
            response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let response_status = response.status();
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID, id);
        }
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if self.is_https {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
        }
        let is_docs = self.path.starts_with("/docs");
        if is_html {
            let policy = if is_docs { DOCS_POLICY } else { PAGE_POLICY };
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        let is_picture = self.path.starts_with("/media/") && response_status.is_success();
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

    /// Writes the problem that the response carries, or the one its status means. Pages for people
    /// are errors in their own form.
    fn as_problem(&self, response: HttpResponse) -> HttpResponse {
        let carried = response.extensions().get::<CarriedProblem>().map(|carried| carried.0.clone());
        if let Some(problem) = carried {
            log_cause(&problem, response.status());
            return keep_headers(problem.respond(&self.id), response.headers());
        }
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let is_written = kind.starts_with(b"text/html") || kind.starts_with(PROBLEM_JSON.as_bytes());
        let code = Code::for_status(status);
        if is_written || !(status.is_client_error() || status.is_server_error()) || code.status() != status {
            return response;
        }
        keep_headers(Problem::new(code).respond(&self.id), response.headers())
    }
}

fn log_cause(problem: &Problem, status: StatusCode) {
    let code = problem.code().as_str();
    match problem.cause() {
        Some(cause) if status.is_server_error() => tracing::error!(code, cause, "the request failed"),
        Some(cause) => tracing::warn!(code, cause, "the request was refused"),
        None => {}
    }
}

/// What other layers have said in headers (CORS, Allow) stays.
fn keep_headers(mut response: HttpResponse, others: &HeaderMap) -> HttpResponse {
    for (name, value) in others {
        if !response.headers().contains_key(name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
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
