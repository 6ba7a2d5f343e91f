//! The client of a request.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::client::ClientInfo;

use crate::caller::client_of;

/// The client that sends the request.
pub(crate) struct Client(pub(crate) ClientInfo);

impl FromRequest for Client {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(client_of(request))))
    }
}
