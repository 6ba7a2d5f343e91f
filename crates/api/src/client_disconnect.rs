//! Requests whose client disconnects before the response.
//!
//! A request that only reads is cancelled. A request that may write is finished: half of a deletion is worse than an
//! unread response. But its password leaves the queue of hashing, and its picture the queue of decoding. So a client
//! that floods the queues and disconnects does not delay others. Nothing has been written by then.

use std::{future::Future, io, sync::Arc};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt,
};
use async_trait::async_trait;
use domain::{
    account::{HashingError, Password, PasswordAttempt, PasswordHash, PasswordHasher, Verdict},
    client::LargestNetwork,
    ids::UserId,
    picture::{Picture, PictureError, PictureProcessor},
};
use tokio::sync::watch;
use tracing::Instrument as _;

use crate::{
    problem::{Code, Problem},
    request_id, telemetry,
};

tokio::task_local! {
    /// Channel that closes when the client of the current request disconnects. No value is ever sent.
    static CLIENT: watch::Receiver<()>;
}

/// Middleware that finishes writing requests after a disconnect. actix drops its future when the client disconnects.
pub(crate) async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.method().is_safe() {
        return next.call(request).await;
    }
    let (_connected, client) = watch::channel(());
    let span = telemetry::span_of(request.request());
    let answering = async move { next.call(request).await };
    let answering = request_id::with_current(CLIENT.scope(client, answering)).in_current_span().instrument(span);
    // Converted to an `io::Error` it lacks the message of the panic, which may contain what the client sent.
    let failure =
        |error: rt::task::JoinError| Err(Problem::new(Code::Internal).with_cause(io::Error::from(error)).into());
    rt::spawn(answering).await.unwrap_or_else(failure)
}

/// Password hasher that skips the passwords of disconnected clients.
pub(crate) struct CancellablePasswords(pub(crate) Arc<dyn PasswordHasher>);

#[async_trait]
impl PasswordHasher for CancellablePasswords {
    async fn hash(&self, password: &Password, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        cancel_on_disconnect(self.0.hash(password, from), HashingError::Overloaded).await
    }

    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: LargestNetwork,
    ) -> Result<Verdict, HashingError> {
        cancel_on_disconnect(self.0.verify(attempt, hash, from), HashingError::Overloaded).await
    }

    async fn rehash(&self, attempt: &PasswordAttempt, from: LargestNetwork) -> Result<PasswordHash, HashingError> {
        cancel_on_disconnect(self.0.rehash(attempt, from), HashingError::Overloaded).await
    }
}

/// Picture processor that skips the pictures of disconnected clients.
pub(crate) struct CancellablePictures(pub(crate) Arc<dyn PictureProcessor>);

#[async_trait]
impl PictureProcessor for CancellablePictures {
    async fn square(&self, owner: UserId, upload: Vec<u8>) -> Result<Picture, PictureError> {
        cancel_on_disconnect(self.0.square(owner, upload), PictureError::Overloaded).await
    }
}

/// Returns `cancelled` when the client disconnects. No one reads this error.
async fn cancel_on_disconnect<T, E>(work: impl Future<Output = Result<T, E>>, cancelled: E) -> Result<T, E> {
    let Ok(mut client) = CLIENT.try_with(Clone::clone) else {
        return work.await;
    };
    tokio::select! {
        outcome = work => outcome,
        _ = client.changed() => Err(cancelled),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, task::Poll, time::Duration};

    use actix_web::{
        App, HttpResponse,
        body::to_bytes,
        http::{Method, StatusCode},
        middleware::from_fn,
        test, web,
    };
    use futures_util::poll;
    use tokio::{sync::mpsc, time::timeout};
    use uuid::Uuid;

    use super::*;
    use crate::{app_state::AppState, response::complete_response, telemetry::captured_log::CapturedLog};

    /// Much longer than any step of these tests takes.
    const TEST_TIMEOUT: Duration = Duration::from_secs(30);

    /// Sends its state when it is dropped.
    struct SendOnDrop(mpsc::UnboundedSender<&'static str>, &'static str);

    impl Drop for SendOnDrop {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }

    /// Calls a handler that waits for `work`, and disconnects meanwhile. Returns whether the handler was finished or
    /// dropped.
    async fn outcome_of_disconnect<F: Future<Output = ()> + 'static>(
        method: Method,
        work: impl Fn() -> F + Clone + 'static,
    ) -> &'static str {
        let (state, mut final_state) = mpsc::unbounded_channel();
        let (entered, mut has_entered) = mpsc::unbounded_channel();
        let handler = move || {
            let (state, entered, work) = (state.clone(), entered.clone(), work.clone());
            async move {
                let mut state = SendOnDrop(state, "dropped");
                entered.send(()).unwrap();
                work().await;
                state.1 = "finished";
                HttpResponse::Ok().finish()
            }
        };
        let app = test::init_service(App::new().wrap(from_fn(finish)).default_service(web::to(handler))).await;
        let request = test::TestRequest::default().method(method).to_request();
        let mut answer = Box::pin(test::call_service(&app, request));
        assert!(matches!(poll!(&mut answer), Poll::Pending));
        timeout(TEST_TIMEOUT, has_entered.recv()).await.unwrap().unwrap();
        drop(answer);
        timeout(TEST_TIMEOUT, final_state.recv()).await.unwrap().unwrap()
    }

    async fn yield_ten_times() {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    async fn unfinished_hash() {
        let outcome = cancel_on_disconnect(pending::<Result<(), _>>(), HashingError::Overloaded).await;
        assert!(matches!(outcome, Err(HashingError::Overloaded)));
    }

    #[actix_web::test]
    async fn disconnect_cancels_reads_and_finishes_writes() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(outcome_of_disconnect(method, yield_ten_times).await, "finished");
        }
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(outcome_of_disconnect(method, yield_ten_times).await, "dropped");
        }
    }

    #[actix_web::test]
    async fn disconnect_cancels_password_hashing() {
        assert_eq!(outcome_of_disconnect(Method::POST, unfinished_hash).await, "finished");
    }

    /// Processor of pictures that never returns.
    struct Unfinished;

    #[async_trait]
    impl PictureProcessor for Unfinished {
        async fn square(&self, _owner: UserId, _upload: Vec<u8>) -> Result<Picture, PictureError> {
            pending().await
        }
    }

    async fn unfinished_picture() {
        let outcome = CancellablePictures(Arc::new(Unfinished)).square(UserId(Uuid::nil()), Vec::new()).await;
        assert!(matches!(outcome, Err(PictureError::Overloaded)));
    }

    #[actix_web::test]
    async fn disconnect_cancels_picture_decoding() {
        assert_eq!(outcome_of_disconnect(Method::PUT, unfinished_picture).await, "finished");
    }

    #[actix_web::test]
    async fn message_of_a_panic_is_not_reported() {
        async fn panic() -> HttpResponse {
            panic!("Олена was here")
        }
        let state = web::Data::new(AppState::for_tests());
        let app = App::new().app_data(state).wrap(from_fn(finish)).wrap(from_fn(complete_response));
        let app = test::init_service(app.default_service(web::to(panic))).await;
        let captured = CapturedLog::default();
        let listening = captured.listen();
        let answer = test::try_call_service(&app, test::TestRequest::post().to_request()).await;
        drop(listening);
        let answer = answer.unwrap_err().error_response();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let log = captured.text();
        assert!(log.contains("request failed") && log.contains("panicked") && !log.contains("Олена"), "{log}");
        let body = to_bytes(answer.into_body()).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("Олена"));
    }

    #[actix_web::test]
    async fn passwords_are_hashed_outside_of_a_request() {
        assert!(matches!(cancel_on_disconnect(async { Ok(5) }, HashingError::Overloaded).await, Ok(5)));
    }
}
