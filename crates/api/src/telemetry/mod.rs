//! What the service tells of its work: lines of a log for people and machines, and traces for OpenTelemetry.
//!
//! The two go apart. A span whose target is [`SPANS`] is part of a trace and never seen in the log; every other is
//! context of log lines and never sent. So a line may say who is signed in, and a trace never does.
//!
//! Invariant: no attribute of a span holds what a client sent, and none an id of a user.

#[cfg(test)]
pub(crate) mod kept;
mod log;
mod request;
mod request_summary;
mod sending;

use domain::store::Source;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub(crate) use self::{
    request::{span_of, trace, trace_id},
    request_summary::RequestSummary,
    sending::Sender,
};
use crate::settings::{LogSettings, Traces};

/// The target of spans that are parts of traces. The adapters name it too.
const SPANS: &str = "spans";

/// Starts the log.
///
/// # Errors
/// When the directives are none.
pub(crate) fn start_log(settings: &LogSettings) -> Result<(), Source> {
    Ok(tracing_subscriber::registry().with(log::layer(settings)?).try_init()?)
}

/// Starts the log, and sends traces where the variables of OpenTelemetry say. Must not be called on a runtime.
///
/// # Errors
/// When the directives are none. What is wrong with traces stands in the log only.
pub(crate) fn start(log: &LogSettings, traces: &Traces) -> Result<Option<Sender>, Source> {
    log::tell_of_panics();
    let mut faults = traces.faults.clone();
    let sender = traces.sending.as_ref().and_then(|settings| {
        Sender::new(settings).inspect_err(|error| faults.push(format!("no traces are sent: {error}"))).ok()
    });
    let layer = sender.as_ref().map(Sender::layer);
    tracing_subscriber::registry().with(log::layer(log)?).with(layer).try_init()?;
    for fault in faults {
        tracing::warn!("{fault}");
    }
    if let (Some(_), Some(settings)) = (&sender, &traces.sending) {
        let collector = settings.endpoint.origin().ascii_serialization();
        tracing::info!(collector, "traces are sent");
    }
    Ok(sender)
}
