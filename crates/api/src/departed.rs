//! What becomes of a request whose client goes away before the answer.
//!
//! What only reads ends there. What may write is finished all the same: half of a deletion is worse than
//! an answer that nobody reads. But its password gives up its place in the queue, so that whoever floods
//! sign-in and hangs up keeps nobody waiting.

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
    client::ClientNetwork,
};
use tokio::sync::watch;
use tracing::Instrument as _;

use crate::{
    problem::{Code, Problem},
    telemetry,
};

tokio::task_local! {
    /// Closed when the client of the request at hand goes away. Nothing is ever sent.
    static CLIENT: watch::Receiver<()>;
}

/// Wraps what answers. The future it gives is dropped when the client goes away.
pub(crate) async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if request.method().is_safe() {
        return next.call(request).await;
    }
    let (_here, client) = watch::channel(());
    let span = telemetry::span_of(request.request());
    let answering = CLIENT.scope(client, next.call(request)).in_current_span().instrument(span);
    // Of an `io::Error` it is without the words of the panic: they may hold what the client sent.
    let fault =
        |error: rt::task::JoinError| Err(Problem::new(Code::Internal).with_cause(io::Error::from(error)).into());
    rt::spawn(answering).await.unwrap_or_else(fault)
}

/// Hashes no password of a client that has gone.
pub(crate) struct AttendedPasswords(pub(crate) Arc<dyn PasswordHasher>);

#[async_trait]
impl PasswordHasher for AttendedPasswords {
    async fn hash(&self, password: &Password, from: ClientNetwork) -> Result<PasswordHash, HashingError> {
        attended(self.0.hash(password, from)).await
    }

    async fn verify(
        &self,
        attempt: &PasswordAttempt,
        hash: Option<&PasswordHash>,
        from: ClientNetwork,
    ) -> Result<Verdict, HashingError> {
        attended(self.0.verify(attempt, hash, from)).await
    }

    async fn rehash(&self, attempt: &PasswordAttempt, from: ClientNetwork) -> Result<PasswordHash, HashingError> {
        attended(self.0.rehash(attempt, from)).await
    }
}

async fn attended<T>(work: impl Future<Output = Result<T, HashingError>>) -> Result<T, HashingError> {
    let Ok(mut client) = CLIENT.try_with(Clone::clone) else {
        return work.await;
    };
    tokio::select! {
        outcome = work => outcome,
        // Nobody will read this.
        _ = client.changed() => Err(HashingError::Overloaded),
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
    use testkit::fakes::CountingIds;
    use tokio::{sync::mpsc, time::timeout};

    use super::*;
    use crate::{
        drain::Draining, envelope::envelope, large_response::LargeResponses, limits::flood::FloodGuard, pages::Pages,
        settings::Settings, shell::Shell, telemetry::kept::KeptLog,
    };

    /// Far longer than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// Says on its way out whether it was finished.
    struct Told(mpsc::UnboundedSender<&'static str>, &'static str);

    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send(self.1);
        }
    }

    /// Calls a handler that waits for `work`, goes away while it does, and gives what became of it.
    async fn left<F: Future<Output = ()> + 'static>(
        method: Method,
        work: impl Fn() -> F + Clone + 'static,
    ) -> &'static str {
        let (told, mut ending) = mpsc::unbounded_channel();
        let (entered, mut has_entered) = mpsc::unbounded_channel();
        let handler = move || {
            let (told, entered, work) = (told.clone(), entered.clone(), work.clone());
            async move {
                let mut told = Told(told, "dropped");
                entered.send(()).unwrap();
                work().await;
                told.1 = "finished";
                HttpResponse::Ok().finish()
            }
        };
        let app = test::init_service(App::new().wrap(from_fn(finish)).default_service(web::to(handler))).await;
        let request = test::TestRequest::default().method(method).to_request();
        let mut answer = Box::pin(test::call_service(&app, request));
        assert!(matches!(poll!(&mut answer), Poll::Pending));
        timeout(PATIENCE, has_entered.recv()).await.unwrap().unwrap();
        drop(answer);
        timeout(PATIENCE, ending.recv()).await.unwrap().unwrap()
    }

    async fn some_turns() {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    async fn a_hash_that_never_comes() {
        let outcome = attended(pending::<Result<(), HashingError>>()).await;
        assert!(matches!(outcome, Err(HashingError::Overloaded)));
    }

    #[actix_web::test]
    async fn what_writes_is_finished_and_what_reads_is_not() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(left(method, some_turns).await, "finished");
        }
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(left(method, some_turns).await, "dropped");
        }
    }

    #[actix_web::test]
    async fn a_password_is_not_waited_for_without_a_client() {
        assert_eq!(left(Method::POST, a_hash_that_never_comes).await, "finished");
    }

    #[actix_web::test]
    async fn the_words_of_a_panic_are_not_told() {
        async fn fall() -> HttpResponse {
            panic!("Олена was here")
        }
        let variables = [("JWT_SECRET", "tests-only-0123456789abcdefghijklmnopqrstuvwxyz")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let shell = Shell {
            settings: Settings::from_variables(variables.into()).unwrap(),
            flood: FloodGuard::new(None).unwrap(),
            request_summary: Arc::default(),
            draining: Draining::default(),
            large_responses: LargeResponses::new(Arc::default()),
            pages: Pages::new().unwrap(),
            ids: Arc::new(CountingIds),
        };
        let app = App::new().app_data(web::Data::new(shell)).wrap(from_fn(finish)).wrap(from_fn(envelope));
        let app = test::init_service(app.default_service(web::to(fall))).await;
        let kept = KeptLog::default();
        let listening = kept.listen();
        let answer = test::try_call_service(&app, test::TestRequest::post().to_request()).await;
        drop(listening);
        let answer = answer.unwrap_err().error_response();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let log = kept.text();
        assert!(log.contains("the request failed") && log.contains("panicked") && !log.contains("Олена"), "{log}");
        let body = to_bytes(answer.into_body()).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("Олена"));
    }

    #[actix_web::test]
    async fn outside_of_a_request_passwords_are_hashed() {
        assert!(matches!(attended(async { Ok(5) }).await, Ok(5)));
    }
}
