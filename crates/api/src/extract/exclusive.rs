//! Limits on requests that need much memory or CPU time: one at a time for each user, and few at once in the process.

use std::{future::Future, io, pin::Pin, time::Duration};

use actix_web::{FromRequest, HttpRequest, dev::Payload, rt};
use domain::{ids::UserId, session::Principal};
use tracing::{Instrument as _, Span};

use super::signed_in::SignedIn;
use crate::{
    concurrency::{Slot, Slots},
    problem::{Code, Problem},
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
/// Concurrent heavy searches, in all workers. A worker has more connections, so that one remains for other requests.
static SEARCHES: Slots = Slots::new(3, MAX_WAIT);

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

/// Runs a search in the server span of its request. A heavy one waits for the turn of its user and for a slot.
///
/// # Errors
/// `Busy` when the turn or the slot is not free within [`MAX_WAIT`].
pub(crate) async fn run_search<T: 'static>(
    trace: Span,
    user: UserId,
    is_heavy: bool,
    search: impl Future<Output = T> + 'static,
) -> Result<T, Problem> {
    if !is_heavy {
        return Ok(search.await);
    }
    let slot = SEARCHES.enter(SEARCHES.turn(user).await?).await?;
    // The database finishes the statement even after the client disconnects. The slot is occupied until then.
    let task = async move {
        let outcome = search.await;
        drop(slot);
        outcome
    };
    let task = task.in_current_span().instrument(trace);
    // An `io::Error` omits the panic message, which may contain data of the client.
    rt::spawn(task).await.map_err(|error| Problem::new(Code::Internal).with_cause(io::Error::from(error)))
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use tokio::sync::oneshot;
    use uuid::Uuid;

    use super::*;

    #[actix_web::test]
    async fn heavy_searches_of_one_user_run_one_by_one() {
        let [olena, petro] = [1, 2].map(|number| UserId(Uuid::from_u128(number)));
        let (finish, finished) = oneshot::channel::<()>();
        let mut first = Box::pin(run_search(Span::none(), olena, true, async { finished.await.is_ok() }));
        assert!(poll!(&mut first).is_pending());
        let mut second = Box::pin(run_search(Span::none(), olena, true, async { true }));
        for _ in 0..10 {
            assert!(poll!(&mut second).is_pending());
            tokio::task::yield_now().await;
        }
        run_search(Span::none(), olena, false, async {}).await.unwrap();
        run_search(Span::none(), petro, true, async {}).await.unwrap();
        // The client of the first search disconnects: its search still runs.
        drop(first);
        for _ in 0..10 {
            assert!(poll!(&mut second).is_pending());
            tokio::task::yield_now().await;
        }
        finish.send(()).unwrap();
        assert!(second.await.unwrap());
    }
}
