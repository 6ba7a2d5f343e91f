//! Completion of every response, from whatever layer it comes.
//!
//! Every response has a request id and the security headers. Every error has a body of problem details. Each request is
//! logged once.

mod access_log;
mod error_body;
mod headers;

use std::sync::Arc;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::ConnectionType,
    middleware::Next,
    web,
};
use domain::account::Locale;
use tracing::Instrument as _;

pub(crate) use self::error_body::DAV_XML;
use self::{
    access_log::{AccessLog, log_cause},
    error_body::{with_dav_error, with_error_body},
    headers::add_headers,
};
use crate::{
    app_state::AppState, path_prefix::is_below, preferred_locale::page_language, request_id, route_pattern, telemetry,
};

/// Middleware around the whole application. It completes and logs every response.
pub(crate) async fn complete_response(
    state: web::Data<AppState>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let context = ResponseContext::new(state.into_inner(), request.request());
    let log = AccessLog::begin(request.request(), &context.state.request_summary);
    let span = telemetry::log_span(&request_id::current());
    async move {
        let mut log = log;
        match next.call(request).await {
            Ok(response) => {
                let route = route_pattern::of(response.request());
                let (request, response) = response.into_parts();
                log_cause(response.error(), response.status());
                let response = context.complete(response.map_into_boxed_body());
                log.write(route.as_deref(), response.status().as_u16());
                Ok(ServiceResponse::new(request, response))
            }
            Err(error) => {
                let response = error.error_response();
                log_cause(Some(&error), response.status());
                let response = context.complete(response);
                log.write(None, response.status().as_u16());
                Err(InternalError::from_response(error, response).into())
            }
        }
    }
    .instrument(span)
    .await
}

/// Data of a request that its response needs.
pub(crate) struct ResponseContext {
    state: Arc<AppState>,
    path: String,
    /// Language of the page, when a browser expects a page and not JSON.
    page: Option<Locale>,
}

impl ResponseContext {
    pub(crate) fn new(state: Arc<AppState>, request: &HttpRequest) -> Self {
        Self { state, path: request.path().to_owned(), page: page_language(request) }
    }

    /// Writes the body of an error and the headers of every response.
    pub(crate) fn complete(&self, response: HttpResponse) -> HttpResponse {
        let mut response = with_error_body(response, self.page, &self.state.pages);
        if is_below(&self.path, "/dav") {
            response = with_dav_error(response);
        }
        if self.state.draining.has_begun() {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        add_headers(&mut response, &self.path, self.state.settings.is_https());
        response
    }
}
