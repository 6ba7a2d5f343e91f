//! Requests that cost much memory or processor time: one of a user at a time, and few at once in the process.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::session::Principal;

use super::{
    SignedIn,
    concurrency::{Slot, Slots},
};
use crate::problem::Problem;

/// The signed-in user and the body of their request. Their other such requests wait until this one is answered, before
/// they take a connection or a lock of the database.
pub(crate) struct Exclusive<T = ()> {
    pub(crate) principal: Principal,
    pub(crate) body: T,
    /// Held until the handler has ended.
    pub(crate) slot: Slot<'static>,
}

/// How long a request waits for its turn, and for its slot.
const PATIENCE: Duration = Duration::from_secs(10);
/// Batches and exports at once, in all workers.
static SLOTS: Slots = Slots::new(4, PATIENCE);

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
            // The slot comes after the body: a client that sends slowly takes none.
            let body = body.await?;
            let slot = SLOTS.enter(turn).await?;
            Ok(Self { principal, body, slot })
        })
    }
}
