//! Routes, CORS and responses of the flood guard. The binary and the tests use the same configuration.

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
    app_state::AppState,
    extract::{IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED},
    limits::{RATE_LIMIT, RATE_LIMIT_POLICY, flood},
    problem::{Code, Problem},
    response::{REQUEST_ID, ResponseContext},
    routes,
    settings::{AllowedOrigins, Settings},
};

/// The number of seconds for which a browser may cache the response to a preflight request.
const PREFLIGHT_MAX_AGE_SECONDS: usize = 3600;

/// Response headers that scripts of other origins may read, in addition to the CORS-safelisted ones.
const EXPOSED_HEADERS: [HeaderName; 7] = [
    header::LOCATION,
    header::ETAG,
    header::RETRY_AFTER,
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
    IDEMPOTENCY_REPLAYED,
    REQUEST_ID,
];

/// Adds all routes, and the 404 response for all other paths.
pub(crate) fn configure(config: &mut ServiceConfig, state: &AppState) {
    routes::configure(config);
    if state.settings.cloudinary_url.is_none() {
        config.service(Files::new("/media", state.settings.media_folder()));
    }
    config.default_service(web::to(|| async { Problem::new(Code::NotFound).error_response() }));
}

/// Returns the CORS layer: the settings define the allowed origins. It answers preflights before routing and sign-in.
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
        .expose_headers(EXPOSED_HEADERS)
        .max_age(PREFLIGHT_MAX_AGE_SECONDS);
    match &settings.cors_allowed_origins {
        AllowedOrigins::Any => base.allow_any_origin().send_wildcard(),
        AllowedOrigins::Only(origins) => {
            origins.iter().fold(base.supports_credentials(), |cors, origin| cors.allowed_origin(origin))
        }
    }
}

/// Wraps the flood guard. Completes its rejections, which pass no inner layer, and counts them for the log.
pub(crate) async fn complete_refusal(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    if !flood::is_refusal(response.response()) {
        return Ok(response);
    }
    state.request_summary.count_refused();
    let (request, response) = response.into_parts();
    let mut response = ResponseContext::new(Arc::clone(&state), &request).complete(response);
    add_cors_headers(&state.settings, &request, response.headers_mut());
    Ok(ServiceResponse::new(request, response))
}

/// Adds the CORS headers to a response that has not passed the layer of [`cors`].
fn add_cors_headers(settings: &Settings, request: &HttpRequest, headers: &mut HeaderMap) {
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
