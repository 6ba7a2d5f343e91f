//! The application as it is shipped: every route, limit and layer, for the binary and the tests alike.

use std::sync::Arc;

use actix_cors::Cors;
use actix_files::Files;
use actix_web::{
    Error, HttpRequest, ResponseError as _,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::{self, ServiceConfig},
};

use crate::{
    envelope::{REQUEST_ID, Seal},
    extract::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED},
    limits::{RATE_LIMIT, RATE_LIMIT_POLICY, flood},
    problem::{Code, Problem},
    routes,
    settings::{AllowedOrigins, Settings},
    shell::Shell,
};

/// Seconds for which a browser may remember a preflight's answer.
const PREFLIGHT_MAX_AGE_SECONDS: usize = 3600;

/// Headers that a page may read, besides the safelisted ones.
const EXPOSED: [HeaderName; 7] = [
    header::LOCATION,
    header::ETAG,
    header::RETRY_AFTER,
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
    IDEMPOTENCY_REPLAYED,
    REQUEST_ID,
];

/// Adds every route, and what answers where there is none.
pub(crate) fn configure(config: &mut ServiceConfig, shell: &Shell) {
    routes::configure(config);
    if shell.settings.cloudinary_url.is_none() {
        config.service(Files::new("/media", shell.settings.media_folder()));
    }
    config.default_service(web::to(|| async { Problem::new(Code::NotFound).error_response() }));
}

/// Which web pages may call, from the settings. Preflights are answered before routes and sign-in.
pub(crate) fn cors(settings: &Settings) -> Cors {
    let base = Cors::default()
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            IDEMPOTENCY_KEY,
            REQUEST_ID,
        ])
        .expose_headers(EXPOSED)
        .max_age(PREFLIGHT_MAX_AGE_SECONDS);
    match &settings.cors_allowed_origins {
        AllowedOrigins::Any => base.allow_any_origin().send_wildcard(),
        AllowedOrigins::Only(origins) => {
            origins.iter().fold(base.supports_credentials(), |cors, origin| cors.allowed_origin(origin))
        }
    }
}

/// Wraps the flood guard: completes its refusals, which no layer inside sees, and counts them for the log.
pub(crate) async fn complete_refusal(
    shell: web::Data<Shell>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    if !flood::is_refusal(response.response()) {
        return Ok(response);
    }
    shell.request_summary.count_refused();
    let (request, response) = response.into_parts();
    let mut response = Seal::new(Arc::clone(&shell), &request).close(response);
    allow_reading(&shell.settings, &request, response.headers_mut());
    Ok(ServiceResponse::new(request, response))
}

/// Adds the headers with which a page may read a response that has not passed the layer of [`cors`].
fn allow_reading(settings: &Settings, request: &HttpRequest, headers: &mut HeaderMap) {
    let origin = request.headers().get(header::ORIGIN);
    let allowed = match &settings.cors_allowed_origins {
        AllowedOrigins::Any => origin.map(|_| HeaderValue::from_static("*")),
        AllowedOrigins::Only(origins) => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            origin.filter(|origin| origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())).cloned()
        }
    };
    if let Some(allowed) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    }
    if let Ok(exposed) = HeaderValue::from_str(&EXPOSED.each_ref().map(HeaderName::as_str).join(", ")) {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}
