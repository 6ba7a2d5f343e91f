//! Requests that cost much memory or processor time: one of a user at a time, and few at once in the process.

use std::{future::Future, io, pin::Pin, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload, rt};
use domain::{account::UserId, session::Principal};
use tracing::Instrument as _;

use super::{
    SignedIn,
    concurrency::{Slot, Slots},
};
use crate::{
    problem::{Code, Problem},
    telemetry,
};

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
/// Heavy searches at once, in all workers: fewer than a worker has connections, so that one stays for other requests.
static SEARCHES: Slots = Slots::new(3, PATIENCE);

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

/// Runs a search; a heavy one in the turn of its user.
///
/// # Errors
/// `Busy` when another heavy search of the user, or those of others, take too long.
pub(crate) async fn run_search<T: 'static>(
    request: &HttpRequest,
    user: UserId,
    is_heavy: bool,
    search: impl Future<Output = T> + 'static,
) -> Result<T, Problem> {
    if !is_heavy {
        return Ok(search.await);
    }
    let slot = SEARCHES.enter(SEARCHES.turn(user).await?).await?;
    // A database finishes the statement of a client that has disconnected, and the slot is taken until then.
    let searching = async move {
        let outcome = search.await;
        drop(slot);
        outcome
    };
    let searching = searching.in_current_span().instrument(telemetry::span_of(request));
    // An `io::Error` leaves out the text of a panic, which may hold what the client sent.
    rt::spawn(searching).await.map_err(|error| Problem::new(Code::Internal).with_cause(io::Error::from(error)))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use futures_util::poll;
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;

    #[actix_web::test]
    async fn heavy_searches_of_one_user_run_one_after_the_other_to_their_end() {
        let request = TestRequest::default().to_http_request();
        let [olena, petro] = [1, 2].map(|number| UserId(Uuid::from_u128(number)));
        let (finish, finished) = oneshot::channel::<()>();
        let mut first = Box::pin(run_search(&request, olena, true, async { finished.await.is_ok() }));
        assert!(poll!(&mut first).is_pending());
        let mut second = Box::pin(run_search(&request, olena, true, async { true }));
        for _ in 0..10 {
            assert!(poll!(&mut second).is_pending());
            tokio::task::yield_now().await;
        }
        run_search(&request, olena, false, async {}).await.unwrap();
        run_search(&request, petro, true, async {}).await.unwrap();
        // Its client disconnects.
        drop(first);
        for _ in 0..10 {
            assert!(poll!(&mut second).is_pending());
            tokio::task::yield_now().await;
        }
        finish.send(()).unwrap();
        assert!(second.await.unwrap());
    }
}
