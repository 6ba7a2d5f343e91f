//! The signed-in user of a request, from its bearer token (RFC 6750, 2.1).

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web};
use domain::{Ports, session::Principal, use_cases::session::authenticate};
use tracing::field::display;

use super::client::client_info;
use crate::{
    problem::{Code, Problem},
    response::USER_ID,
};

/// The signed-in user. A handler with this extractor rejects requests without a valid access token.
pub(crate) struct SignedIn(pub(crate) Principal);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { identify(&request).await.map(Self) })
    }
}

/// Returns the signed-in user who sends the request. The first call verifies the token and the session and stores the
/// outcome in the request; limits, extractors and handlers read it from there.
pub(crate) async fn identify(request: &HttpRequest) -> Result<Principal, Problem> {
    let known = request.extensions().get::<Principal>().cloned();
    if let Some(principal) = known {
        return Ok(principal);
    }
    let ports = request.app_data::<web::Data<Ports>>().ok_or_else(|| Problem::new(Code::Internal))?;
    let token = bearer_token(request)?.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let principal = authenticate(ports, token, client_info(request)).await?;
    tracing::Span::current().record(USER_ID, display(principal.user.id));
    request.extensions_mut().insert(principal.clone());
    Ok(principal)
}

/// Rejects several `Authorization` headers: a proxy may have checked another one of them.
pub(crate) fn check_credentials(request: &HttpRequest) -> Result<(), Problem> {
    if request.headers().get_all(AUTHORIZATION).count() > 1 {
        let detail = "Send one Authorization header; the request has several.";
        return Err(Problem::new(Code::BadRequest).with_detail(detail));
    }
    Ok(())
}

/// Returns the token of the `Authorization` header. The scheme is compared without case (RFC 9110, 11.1).
fn bearer_token(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    check_credentials(request)?;
    let credentials = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    Ok(credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim()))
}
