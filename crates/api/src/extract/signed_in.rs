//! The signed-in user of a request.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::session::Principal;

use crate::{
    caller::principal_of,
    problem::{Code, Problem},
};

/// The signed-in user. A route with this extractor must require a session.
pub(crate) struct SignedIn(pub(crate) Principal);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(principal_of(request).map(Self).ok_or_else(|| Problem::new(Code::Unauthenticated)))
    }
}
