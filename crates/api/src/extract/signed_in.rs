//! Who sends a request: the bearer of an access token (RFC 6750, 2.1).

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web};
use domain::{
    Ports,
    session::{Principal, authenticate},
};
use tracing::field::display;

use super::client::client_info;
use crate::{
    envelope::USER_ID,
    problem::{Code, Problem},
};

/// The signed-in user. A handler that takes this is closed to everybody else.
pub(crate) struct SignedIn(pub(crate) Principal);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let ports = request.app_data::<web::Data<Ports>>().cloned();
        let token = bearer_token(request).map(str::to_owned);
        let client = client_info(request);
        Box::pin(async move {
            let token = token.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
            let ports = ports.ok_or_else(|| Problem::new(Code::Internal))?;
            let principal = authenticate(&ports, &token, client).await?;
            tracing::Span::current().record(USER_ID, display(principal.user.id));
            Ok(Self(principal))
        })
    }
}

/// The token of the `Authorization` header; the scheme is compared without case (RFC 9110, 11.1).
pub(crate) fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
