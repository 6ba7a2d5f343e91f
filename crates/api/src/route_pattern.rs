//! Pattern of the route that answers a request, like `/api/contacts/{id}`. It names the route in the log, the metrics and
//! the traces.
//!
//! Each resource stores its pattern in the request: to find it later, actix would match the path again with all routes.

use std::borrow::Cow;

use actix_web::{HttpMessage as _, HttpRequest, dev::ServiceRequest};

/// Pattern of a resource, stored in the extensions of its requests.
struct RoutePattern(&'static str);

/// Stores the pattern of the resource that answers the request.
pub(crate) fn store(request: &ServiceRequest, pattern: &'static str) {
    request.extensions_mut().insert(RoutePattern(pattern));
}

/// Returns the pattern of the route that answered the request. Files are not resources, so it is looked up for them.
/// `None` when the path matches no route.
pub(crate) fn of(request: &HttpRequest) -> Option<Cow<'static, str>> {
    let stored = request.extensions().get::<RoutePattern>().map(|RoutePattern(pattern)| Cow::Borrowed(*pattern));
    stored.or_else(|| request.match_pattern().map(Cow::Owned))
}
