//! The log.

use std::io::{self, IsTerminal as _};

use domain::store::Source;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry::LookupSpan};

use super::SPANS;
use crate::settings::{LogFormat, LogSettings};

/// What stands in no log unless it is asked for by name. Requests that are no HTTP are the client's fault, and every
/// scanner sends some; a collector that is away is told of once, by `sending`, and not with every batch.
const QUIET: &str = "actix_http::h1::dispatcher=off,opentelemetry=off";

/// Writes lines to standard error.
pub(super) fn layer<S>(settings: &LogSettings) -> Result<impl Layer<S> + use<S>, Source>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = EnvFilter::try_new(format!("{QUIET},{},{SPANS}=off", settings.directives))
        .map_err(|_| "RUST_LOG must be a list of log directives like info or info,domain=debug")?;
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match settings.format {
        LogFormat::Pretty => lines.boxed(),
        // The only span of the log is the request: what it knows is always at the same place.
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    Ok(lines.with_filter(filter))
}
