//! Requests that are cut off, like those of a client that disconnects.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};

/// Polls without an end: the request is not cut off.
pub(crate) const WHOLE: usize = usize::MAX;

/// Time between two polls. A timer would wait for a millisecond or more, in which a database in memory ends a transaction.
const PAUSE: Duration = Duration::from_micros(100);

/// Polls a request a number of times and drops it, like the server after a disconnect. Returns true when it ended.
pub(crate) async fn cancel_after_polls(polls: usize, request: impl Future<Output = ()>) -> bool {
    let mut request = pin!(request);
    for _ in 0..polls {
        let ended = poll_fn(|context| Poll::Ready(request.as_mut().poll(context).is_ready())).await;
        if ended {
            return true;
        }
        let polled = Instant::now();
        while polled.elapsed() < PAUSE {
            tokio::task::yield_now().await;
        }
    }
    false
}
