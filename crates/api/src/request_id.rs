//! Id of a request: in its log lines, in a header of its response, and in the body of a problem.

use std::{future::Future, sync::Arc};

use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName},
    middleware::Next,
    web,
};
use domain::ids::IdGenerator;

/// Header with the id, in the request and in the response.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    /// Id of the request that the current task answers.
    static CURRENT: Arc<str>;
}

/// Middleware outside of every layer that may respond. Assigns the id: the one that the client sent, or a new one.
pub(crate) async fn assign<B>(
    ids: web::Data<dyn IdGenerator>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = sent_id(request.headers()).map_or_else(|| ids.next_id().to_string().into(), Arc::from);
    // The inner layers are called inside the scope: some respond at once.
    CURRENT.scope(id, async move { next.call(request).await }).await
}

/// Returns the id of the current request. It is empty outside of a request.
pub(crate) fn current() -> Arc<str> {
    CURRENT.try_with(Arc::clone).unwrap_or_default()
}

/// Adds the id of the current request to work that another task does for it.
pub(crate) fn with_current<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    CURRENT.scope(current(), work)
}

/// Returns the id that the client sent, when it is short and plain enough for the log.
fn sent_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let is_valid =
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_valid.then_some(id)
}
