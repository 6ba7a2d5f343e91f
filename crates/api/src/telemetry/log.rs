//! The log.

use std::{
    io::{self, IsTerminal as _},
    panic,
};

use domain::store::Source;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry::LookupSpan};

use super::SPANS;
use crate::settings::{LogFormat, LogSettings};

/// What stands in no log unless it is asked for by name. Requests that are no HTTP are the client's fault, and every
/// scanner sends some; a collector that is away is told of once, by `sending`, and not with every batch.
const QUIET: &str = "actix_http::h1::dispatcher=off,opentelemetry=off";

/// Has panics written as lines too. Their words may hold what somebody sent (a text that was cut in the middle of a
/// letter, say), so only their place is told.
pub(super) fn tell_of_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::kept::KeptLog;

    #[test]
    fn of_a_panic_only_its_place_is_told() {
        let kept = KeptLog::default();
        let listening = kept.listen();
        let before = panic::take_hook();
        tell_of_panics();
        let ended = panic::catch_unwind(|| panic!("Олена was here"));
        panic::set_hook(before);
        drop(listening);
        assert!(ended.is_err());
        let line = kept.text();
        assert!(line.contains("src/telemetry/log.rs:") && !line.contains("Олена"), "{line}");
    }
}
