//! Limits of a route that depend on the sender only: a middleware checks them before the body is read.

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use domain::limit::Limit;

use super::{
    admission::{self, Named},
    after_body::LimitsAfterBody,
};
use crate::problem::limit_fields::{self, RATE_LIMIT};

/// Middleware of a route: checks its limits, and adds their headers to the response. The limits that depend on the body
/// are left to [`admit_body`](super::admit_body).
pub(crate) async fn enforce(
    limits: &'static [Limit],
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (after_body, before_body): (Vec<Limit>, Vec<Limit>) = limits.iter().partition(|limit| limit.needs_body());
    request.extensions_mut().insert(LimitsAfterBody(after_body));
    if let Err(problem) = admission::check(request.request(), &before_body, Named::default()).await {
        return Ok(request.into_response(HttpResponse::from_error(problem)));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let counted = admission::take_counted(response.request());
    // A request that was rejected after its body names the counter that rejected it.
    if !response.headers().contains_key(RATE_LIMIT) {
        for (name, value) in limit_fields::of(&counted) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
