//! Authenticated user of a request, from its bearer token (RFC 6750, 2.1): an access token, or an app password.

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    middleware::Next,
    web,
};
use domain::{
    Ports,
    app_password::{AppPasswordSecret, Scope},
    session::Principal,
    use_cases::{
        app_password::{AppPasswordAttempt, authenticate_app_password},
        session::authenticate,
    },
};

use super::client::client_of;
use crate::{
    problem::{Code, Problem},
    telemetry,
};

/// Credential that a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// None.
    Public,
    /// A session.
    Session,
    /// A session, or an app password with this scope.
    Scope(Scope),
}

/// Middleware of a route, outside of its limits. If the route requires a credential, the middleware verifies that of the
/// request, and stores the user in the request. A request without a valid and sufficient credential is rejected.
pub(crate) async fn identify(
    access: Access,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(problem) = store_principal(request.request(), access).await {
        return Ok(request.into_response(HttpResponse::from_error(problem)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Returns the authenticated user. `None` when the route requires no credential.
pub(crate) fn principal_of(request: &HttpRequest) -> Option<Principal> {
    request.extensions().get().cloned()
}

async fn store_principal(request: &HttpRequest, access: Access) -> Result<(), Problem> {
    let token = bearer_token(request)?;
    let scope = match access {
        Access::Public => return Ok(()),
        Access::Session => None,
        Access::Scope(scope) => Some(scope),
    };
    let token = token.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let ports = request.app_data::<web::Data<Ports>>().ok_or_else(|| Problem::new(Code::Internal))?;
    let client = client_of(request);
    // An access token contains dots, so it never has the form of an app password.
    let principal = match AppPasswordSecret::parse(token) {
        Some(secret) => {
            let attempt = AppPasswordAttempt { user_name: None, secret: &secret, client: &client };
            authenticate_app_password(ports, &attempt, scope).await?
        }
        None => authenticate(ports, token, client).await?.into(),
    };
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
