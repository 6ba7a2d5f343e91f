//! Signed-in user of a request, from its bearer token (RFC 6750, 2.1).

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    middleware::Next,
    web,
};
use domain::{Ports, session::Principal, use_cases::session::authenticate};

use super::client::client_of;
use crate::{
    problem::{Code, Problem},
    telemetry,
};

/// Middleware of a route, outside of its limits. If the route requires a session, the middleware verifies the token and
/// the session of the request, and stores the user in the request. A request without a valid session is rejected.
pub(crate) async fn identify(
    requires_session: bool,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(problem) = store_principal(request.request(), requires_session).await {
        return Ok(request.into_response(HttpResponse::from_error(problem)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Returns the signed-in user. `None` when the route requires no session.
pub(crate) fn principal_of(request: &HttpRequest) -> Option<Principal> {
    request.extensions().get().cloned()
}

async fn store_principal(request: &HttpRequest, is_required: bool) -> Result<(), Problem> {
    let token = bearer_token(request)?;
    if !is_required {
        return Ok(());
    }
    let token = token.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let ports = request.app_data::<web::Data<Ports>>().ok_or_else(|| Problem::new(Code::Internal))?;
    let principal = authenticate(ports, token, client_of(request)).await?;
    telemetry::log_user(principal.user.id);
    request.extensions_mut().insert(principal);
    Ok(())
}

/// Returns the token of the `Authorization` header. The scheme is compared without case (RFC 9110, 11.1).
///
/// # Errors
/// `BadRequest` for several headers: a proxy may have checked another one of them.
fn bearer_token(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let credentials = headers.next().and_then(|value| value.to_str().ok()?.split_once(' '));
    if headers.next().is_some() {
        let detail = "Send one Authorization header; the request has several.";
        return Err(Problem::new(Code::BadRequest).with_detail(detail));
    }
    Ok(credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim()))
}
