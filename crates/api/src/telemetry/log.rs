//! Log of the service, on standard error.

use std::{
    fs::File,
    io::{self, IsTerminal as _},
    os::fd::AsFd as _,
    panic,
};

use domain::error::Source;
use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry::LookupSpan};

use super::SPANS;
use crate::settings::{LogFormat, LogSettings};

/// Directives of targets that log less by default. Requests that are not HTTP are client errors, and every scanner sends
/// some. An unavailable collector is logged once by `sending`, not once per batch. The other libraries report at every
/// start what the service itself reports in one line.
const QUIET: &str =
    "actix_http::h1=off,opentelemetry=off,actix_server=warn,sea_orm_migration=warn,sqlx=warn,tracing::span=warn";

/// Logs panics, with their location only. The message of a panic may contain what a client sent, for example a text that
/// was split inside a character.
pub(super) fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(location, "panic");
    }));
}

/// Returns the layer that writes log lines to standard error.
pub(super) fn layer<S>(settings: &LogSettings) -> Result<impl Layer<S> + use<S>, Source>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = EnvFilter::try_new(format!("{QUIET},{},{SPANS}=off", settings.directives))
        .map_err(|_| "RUST_LOG must be a list of log directives like info or info,domain=debug")?;
    let lines = fmt::layer().with_writer(standard_error()?).with_ansi(io::stderr().is_terminal());
    let lines = match settings.format {
        LogFormat::Pretty => lines.boxed(),
        // The only span of the log is the request, so its fields are always in the same object.
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    Ok(lines.with_filter(filter))
}

/// Returns standard error without the lock of the standard library. Each line is one write, so workers need not wait for
/// each other.
fn standard_error() -> io::Result<File> {
    Ok(File::from(io::stderr().as_fd().try_clone_to_owned()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::captured_log::CapturedLog;

    #[test]
    fn only_the_location_of_a_panic_is_logged() {
        let log = CapturedLog::default();
        let listening = log.listen();
        let before = panic::take_hook();
        log_panics();
        let ended = panic::catch_unwind(|| panic!("Олена was here"));
        panic::set_hook(before);
        drop(listening);
        assert!(ended.is_err());
        let line = log.text();
        assert!(line.contains("src/telemetry/log.rs:") && !line.contains("Олена"), "{line}");
    }
}
