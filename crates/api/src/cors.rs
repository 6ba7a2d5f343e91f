//! CORS: the layer that answers preflights, and the headers of responses that pass no layer.

use actix_cors::Cors;
use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};

use crate::{
    extract::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED},
    problem::limit_fields::{RATE_LIMIT, RATE_LIMIT_POLICY},
    request_id::REQUEST_ID,
    settings::{AllowedOrigins, Settings},
};

/// The number of seconds for which a browser may cache the response to a preflight request.
const PREFLIGHT_MAX_AGE_SECONDS: usize = 3600;

/// Response headers that scripts of other origins may read, in addition to the CORS-safelisted ones.
const EXPOSED_HEADERS: [HeaderName; 9] = [
    header::CONTENT_DISPOSITION,
    header::LOCATION,
    header::ETAG,
    header::WWW_AUTHENTICATE,
    header::RETRY_AFTER,
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
    IDEMPOTENCY_REPLAYED,
    REQUEST_ID,
];

/// Returns the CORS layer: the settings define the allowed origins. It answers preflights before routing and sign-in.
pub(crate) fn layer(settings: &Settings) -> Cors {
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
        .expose_headers(EXPOSED_HEADERS)
        .max_age(PREFLIGHT_MAX_AGE_SECONDS);
    match &settings.cors_allowed_origins {
        AllowedOrigins::Any => base.allow_any_origin().send_wildcard(),
        AllowedOrigins::Only(origins) => {
            origins.iter().fold(base.supports_credentials(), |cors, origin| cors.allowed_origin(origin))
        }
    }
}

/// Adds the CORS headers to a response that has not passed [`layer`].
pub(crate) fn add_headers(settings: &Settings, request: &HttpRequest, headers: &mut HeaderMap) {
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
    if let Ok(exposed) = HeaderValue::from_str(&EXPOSED_HEADERS.each_ref().map(HeaderName::as_str).join(", ")) {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}
