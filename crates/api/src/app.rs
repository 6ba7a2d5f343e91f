//! The application as it is shipped: every route, limit and layer, for the binary and the tests alike.

use actix_cors::Cors;
use actix_files::Files;
use actix_web::{
    ResponseError as _,
    http::{Method, header},
    web::{self, ServiceConfig},
};

use crate::{
    envelope::REQUEST_ID,
    extract::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED},
    limits::{RATE_LIMIT, RATE_LIMIT_POLICY},
    problem::{Code, Problem},
    routes,
    settings::{AllowedOrigins, Settings},
    shell::Shell,
};

/// Seconds for which a browser may remember a preflight's answer.
const PREFLIGHT_MAX_AGE_SECONDS: usize = 3600;

/// Adds every route, and what answers where there is none.
pub(crate) fn configure(config: &mut ServiceConfig, shell: &Shell) {
    routes::configure(config);
    if shell.settings.cloudinary_url.is_none() {
        config.service(Files::new("/media", shell.settings.media_folder()));
    }
    config.default_service(web::to(|| async { Problem::new(Code::NotFound).error_response() }));
}

/// Which web pages may call, from the settings. Preflights are answered before limits and sign-in.
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
        .expose_headers([
            header::LOCATION,
            header::ETAG,
            header::RETRY_AFTER,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
            IDEMPOTENCY_REPLAYED,
            REQUEST_ID,
        ])
        .max_age(PREFLIGHT_MAX_AGE_SECONDS);
    match &settings.cors_allowed_origins {
        AllowedOrigins::Any => base.allow_any_origin().send_wildcard(),
        AllowedOrigins::Only(origins) => {
            origins.iter().fold(base.supports_credentials(), |cors, origin| cors.allowed_origin(origin))
        }
    }
}
