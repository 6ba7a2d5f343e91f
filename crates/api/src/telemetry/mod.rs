//! Log lines for people and machines, and traces for OpenTelemetry.
//!
//! The two are separate. A span whose target is [`SPANS`] is part of a trace and never appears in the log. Every other
//! span is context of log lines and is never sent. So a log line may contain the id of a user, and a trace never does.
//!
//! Invariant: no attribute of a span contains what a client sent, or the id of a user.

#[cfg(test)]
pub(crate) mod captured_log;
mod log;
mod log_context;
mod request;
mod request_summary;
mod sending;
mod startup;

pub(crate) use self::{
    log_context::{log_span, log_user},
    request::{span_of, trace},
    request_summary::RequestSummary,
    sending::Sender,
    startup::{start, start_log},
};

/// Target of the spans that are part of a trace. The adapters use the same name.
const SPANS: &str = "spans";
