//! The device that a request comes from.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::USER_AGENT};
use domain::client::ClientInfo;

use super::client_address;
use crate::problem::Problem;

/// The device a request came from.
pub(crate) struct Client(pub(crate) ClientInfo);

impl FromRequest for Client {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(client_info(request))))
    }
}

/// The device that a request comes from.
pub(crate) fn client_info(request: &HttpRequest) -> ClientInfo {
    let user_agent = request.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    ClientInfo::new(client_address(request), user_agent.as_deref())
}
