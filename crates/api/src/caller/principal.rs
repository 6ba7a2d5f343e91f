//! Authenticated user of a request. The credential is a bearer token (RFC 6750, 2.1), which is an access token or an app
//! password, or an app password by HTTP Basic authentication (RFC 7617).

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    middleware::Next,
    web,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
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
    /// An app password with this scope, by HTTP Basic authentication. The user name is the e-mail of the account.
    Basic(Scope),
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
    let credentials = credentials_of(request)?;
    let principal = match access {
        Access::Public => return Ok(()),
        Access::Session => bearer_principal(request, credentials, None).await?,
        Access::Scope(scope) => bearer_principal(request, credentials, Some(scope)).await?,
        Access::Basic(scope) => basic_principal(request, credentials, scope).await?,
    };
    telemetry::log_user(principal.user.id);
    request.extensions_mut().insert(principal);
    Ok(())
}

/// Authenticates a bearer token. `scope` is that of an app password; without one only an access token is sufficient.
async fn bearer_principal(
    request: &HttpRequest,
    credentials: Option<(&str, &str)>,
    scope: Option<Scope>,
) -> Result<Principal, Problem> {
    let token = of_scheme(credentials, "bearer").ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let (ports, client) = (ports_of(request)?, client_of(request));
    // An access token contains dots, so it never has the form of an app password.
    match AppPasswordSecret::parse(token) {
        Some(secret) => {
            let attempt = AppPasswordAttempt { user_name: None, secret: &secret, client: &client };
            Ok(authenticate_app_password(ports, &attempt, scope).await?)
        }
        None => Ok(authenticate(ports, token, client).await?.into()),
    }
}

/// Authenticates a user name and an app password. The password of the account is none.
async fn basic_principal(
    request: &HttpRequest,
    credentials: Option<(&str, &str)>,
    scope: Scope,
) -> Result<Principal, Problem> {
    let unauthenticated = || Problem::new(Code::Unauthenticated);
    let encoded = of_scheme(credentials, "basic").ok_or_else(unauthenticated)?;
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(unauthenticated)?;
    let (user_name, password) = decoded.split_once(':').ok_or_else(unauthenticated)?;
    let secret = AppPasswordSecret::parse(password).ok_or_else(unauthenticated)?;
    let (ports, client) = (ports_of(request)?, client_of(request));
    let attempt = AppPasswordAttempt { user_name: Some(user_name), secret: &secret, client: &client };
    Ok(authenticate_app_password(ports, &attempt, Some(scope)).await?)
}

fn ports_of(request: &HttpRequest) -> Result<&web::Data<Ports>, Problem> {
    request.app_data::<web::Data<Ports>>().ok_or_else(|| Problem::new(Code::Internal))
}

/// Returns the credentials of this scheme. Schemes are compared without case (RFC 9110, 11.1).
fn of_scheme<'a>(credentials: Option<(&'a str, &'a str)>, scheme: &str) -> Option<&'a str> {
    credentials.filter(|(own, _)| own.eq_ignore_ascii_case(scheme)).map(|(_, credentials)| credentials.trim())
}

/// Returns the scheme and the credentials of the `Authorization` header.
///
/// # Errors
/// `BadRequest` for several headers: a proxy may have checked another one of them.
fn credentials_of(request: &HttpRequest) -> Result<Option<(&str, &str)>, Problem> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let credentials = headers.next().and_then(|value| value.to_str().ok()?.split_once(' '));
    if headers.next().is_some() {
        let detail = "Send one Authorization header; the request has several.";
        return Err(Problem::new(Code::BadRequest).with_detail(detail));
    }
    Ok(credentials)
}
