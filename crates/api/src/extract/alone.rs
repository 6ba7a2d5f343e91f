//! What costs much of memory or of the processor, and is sent by one user once at a time.

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::session::Principal;

use super::{
    SignedIn,
    places::{Place, Places},
};
use crate::problem::{Code, Problem};

/// The signed-in user, whose other such requests wait until this one is answered: before the database is asked, so
/// that they keep neither connections nor locks from anybody else.
pub(crate) struct Alone {
    pub(crate) principal: Principal,
    /// Held until the handler has ended.
    _place: Place<'static>,
}

/// Such requests under way at once, in all workers.
static PLACES: Places = Places::new(4);
/// How long one may wait for its place.
const PATIENCE: Duration = Duration::from_secs(10);

impl FromRequest for Alone {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let signed_in = SignedIn::from_request(request, payload);
        Box::pin(async move {
            let SignedIn(principal) = signed_in.await?;
            let entering = PLACES.enter(principal.user.id, PATIENCE);
            let place = entering.await.ok_or_else(|| Problem::new(Code::Busy))?;
            Ok(Self { principal, _place: place })
        })
    }
}
