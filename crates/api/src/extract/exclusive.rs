//! Limits on requests that need much memory or CPU time: one at a time for each user, and few at once in the process.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::session::Principal;

use super::signed_in::SignedIn;
use crate::{
    concurrency::{Slot, Slots},
    problem::Problem,
};

/// The signed-in user and the body of an expensive request. Further expensive requests of the user wait until this one is
/// answered. They take no connection or lock of the database while they wait.
pub(crate) struct Exclusive<T = ()> {
    pub(crate) principal: Principal,
    pub(crate) body: T,
    /// Held until the handler returns. A batch holds its turn until the response is written.
    pub(crate) slot: Slot<'static>,
}

/// The maximum time that a request waits for its turn, and again for its slot.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// Concurrent batches and exports, in all workers.
static SLOTS: Slots = Slots::new(4, MAX_WAIT);

impl<T> FromRequest for Exclusive<T>
where
    T: FromRequest + 'static,
    T::Future: 'static,
    Problem: From<T::Error>,
{
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        let body = T::from_request(request, payload);
        Box::pin(async move {
            let SignedIn(principal) = signed_in.await?;
            let turn = SLOTS.turn(principal.user.id).await?;
            // The slot is taken after the body has arrived: a client that sends slowly occupies no slot.
            let body = body.await?;
            let slot = SLOTS.enter(turn).await?;
            Ok(Self { principal, body, slot })
        })
    }
}
