//! Start of the log and of the export of traces.

use domain::error::Source;
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use super::{log, sending::Sender};
use crate::settings::{LogSettings, Traces};

/// Starts the log.
///
/// # Errors
/// When the log directives are invalid.
pub(crate) fn start_log(settings: &LogSettings) -> Result<(), Source> {
    Ok(tracing_subscriber::registry().with(log::layer(settings)?).try_init()?)
}

/// Starts the log, and the export of traces when the variables of OpenTelemetry name a collector. Must not be called on
/// a runtime.
///
/// # Errors
/// When the log directives are invalid. Errors of traces are only logged.
pub(crate) fn start(log: &LogSettings, traces: &Traces) -> Result<Option<Sender>, Source> {
    log::log_panics();
    let mut warnings = traces.errors.clone();
    let sender = traces.sending.as_ref().and_then(|settings| {
        Sender::new(settings).inspect_err(|error| warnings.push(format!("trace export disabled: {error}"))).ok()
    });
    let layer = sender.as_ref().map(Sender::layer);
    tracing_subscriber::registry().with(log::layer(log)?).with(layer).try_init()?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    if let (Some(_), Some(settings)) = (&sender, &traces.sending) {
        let collector = settings.endpoint.origin().ascii_serialization();
        tracing::info!(collector, "trace export enabled");
    }
    Ok(sender)
}
