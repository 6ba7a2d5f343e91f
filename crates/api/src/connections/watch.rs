//! Deadlines of one connection, enforced while it is driven.

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use tokio::time::{Instant, Sleep, sleep_until};

use super::{deadlines::MissedDeadline, progress::Progress};

/// Future that drives a connection until it has ended, is overdue, or is at rest while the service stops. Dropping it
/// closes the connection.
///
/// The progress changes only while the connection is polled, or it wakes the connection. So every poll checks the
/// deadline.
pub(super) struct Watched {
    connection: Pin<Box<dyn Future<Output = ()>>>,
    stopping: Pin<Box<dyn Future<Output = ()>>>,
    has_stopped: bool,
    progress: Rc<Progress>,
    timer: Pin<Box<Sleep>>,
}

impl Watched {
    pub(super) fn new(
        connection: impl Future<Output: Sized> + 'static,
        stopping: impl Future<Output = ()> + 'static,
        progress: Rc<Progress>,
    ) -> Self {
        Self {
            connection: Box::pin(async move {
                // An error of a connection concerns only its client.
                let _ = connection.await;
            }),
            stopping: Box::pin(stopping),
            has_stopped: false,
            progress,
            timer: Box::pin(sleep_until(Instant::now())),
        }
    }

    /// True from the moment that the service stops.
    fn poll_stopping(&mut self, context: &mut Context<'_>) -> bool {
        self.has_stopped = self.has_stopped || self.stopping.as_mut().poll(context).is_ready();
        self.has_stopped
    }
}

impl Future for Watched {
    type Output = Result<(), MissedDeadline>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.progress.begin_turn();
        if self.connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        if self.poll_stopping(context) && self.progress.is_at_rest() {
            return Poll::Ready(Ok(()));
        }
        loop {
            let Some(deadline) = self.progress.deadline(Instant::now())? else { return Poll::Pending };
            // A deadline that has moved later is checked again when the timer fires.
            if self.timer.is_elapsed() || deadline < self.timer.deadline() {
                self.timer.as_mut().reset(deadline);
            }
            if self.timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
    }
}
