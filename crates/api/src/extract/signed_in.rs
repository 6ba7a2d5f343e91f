//! The authenticated user of a request.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::session::{Principal, SignedInUser};

use crate::{
    caller::principal_of,
    problem::{Code, Problem},
};

/// The authenticated user. A route with this extractor must require a scope or a session.
pub(crate) struct Authenticated(pub(crate) Principal);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(principal_of(request).map(Self).ok_or_else(|| Problem::new(Code::Unauthenticated)))
    }
}

/// The signed-in user. A route with this extractor must require a session.
pub(crate) struct SignedIn(pub(crate) SignedInUser);

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = |Authenticated(principal): Authenticated| {
            principal.signed_in().map(SignedIn).ok_or_else(|| Problem::insufficient_scope(None))
        };
        ready(Authenticated::from_request(request, payload).into_inner().and_then(signed_in))
    }
}
