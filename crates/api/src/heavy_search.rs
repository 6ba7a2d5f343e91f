//! Heavy searches: one at a time for each user, and few at once in the process.

use std::{future::Future, io};

use actix_web::rt;
use domain::ids::UserId;
use tracing::{Instrument as _, Span};

use crate::{
    concurrency::HEAVY_SEARCHES,
    problem::{Code, Problem},
};

/// Runs a search in the server span of its request. A heavy one waits for the turn of its user and for a slot.
///
/// # Errors
/// `Busy` when the turn or the slot is not free in time.
pub(crate) async fn run_search<T: 'static>(
    trace: Span,
    user: UserId,
    is_heavy: bool,
    search: impl Future<Output = T> + 'static,
) -> Result<T, Problem> {
    if !is_heavy {
        return Ok(search.await);
    }
    let slot = HEAVY_SEARCHES.enter(HEAVY_SEARCHES.turn(user).await?).await?;
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
