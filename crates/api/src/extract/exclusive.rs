//! Batches and exports of accounts, which need much memory or CPU time: one at a time for each user, and few at once.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::session::Principal;

use super::signed_in::Authenticated;
use crate::{
    concurrency::{BATCHES_AND_EXPORTS, Slot},
    problem::Problem,
};

/// The signed-in user and the body of a batch or an export. Further such requests of the user wait until this one is
/// answered. They take no connection or lock of the database while they wait.
pub(crate) struct Exclusive<T = ()> {
    pub(crate) principal: Principal,
    pub(crate) body: T,
    /// Held until the handler returns. A batch holds its turn until the response is written.
    pub(crate) slot: Slot<'static>,
}

impl<T> FromRequest for Exclusive<T>
where
    T: FromRequest + 'static,
    T::Future: 'static,
    Problem: From<T::Error>,
{
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let authenticated = Authenticated::from_request(request, payload);
        let body = T::from_request(request, payload);
        Box::pin(async move {
            let Authenticated(principal) = authenticated.await?;
            let turn = BATCHES_AND_EXPORTS.turn(principal.user.id).await?;
            // The slot is taken after the body has arrived: a client that sends slowly occupies no slot.
            let body = body.await?;
            let slot = BATCHES_AND_EXPORTS.enter(turn).await?;
            Ok(Self { principal, body, slot })
        })
    }
}
