//! Context of the log lines of a request: its id, its trace, and its user.

use domain::ids::UserId;
use tracing::{
    Span,
    field::{Empty, display},
};

use super::request::trace_id;

/// Field with the id of the authenticated user.
const USER_ID: &str = "user_id";

/// Opens the span whose fields are in every log line of a request.
pub(crate) fn log_span(request_id: &str) -> Span {
    // At the highest level, so that no filter removes it from the lines within.
    let span = tracing::error_span!("request", request_id, trace_id = Empty, { USER_ID } = Empty);
    if let Some(trace) = trace_id() {
        span.record("trace_id", display(trace));
    }
    span
}

/// Adds the authenticated user to the log lines of the current request.
pub(crate) fn log_user(user: UserId) {
    Span::current().record(USER_ID, display(user));
}
