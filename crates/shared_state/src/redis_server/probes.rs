//! Probes of Redis, and the log of its state.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::link::Link;

/// Pause between probes while Redis is available.
const PAUSE_UP: Duration = Duration::from_millis(400);
/// Pause between probes while Redis is unavailable.
const PAUSE_DOWN: Duration = Duration::from_millis(250);
/// Number of failed probes in a row after which the connection is replaced.
const FAILURES: u32 = 2;
/// Maximum number of causes of failed commands that are logged between two changes of the state.
const CAUSES: usize = 8;

/// Probes the server forever. Logs its state.
///
/// Replaces the connection after some failed probes in a row. When the server loses its power, or its address leads to
/// another server, the old connection may stay open without answers. A timeout does not make the client replace it.
pub(super) async fn probe_repeatedly(link: Arc<Link>, first: oneshot::Sender<()>) {
    let (mut first, mut log, mut failures) = (Some(first), StateLog::default(), 0);
    loop {
        let outcome = link.probe().await;
        let is_up = outcome.is_ok();
        link.set_up(is_up);
        let outcome = outcome.map_err(|failure| failure.to_string());
        if let Some(event) = log.event(outcome, link.take_failed_command()) {
            event.write();
        }
        if let Some(first) = first.take() {
            // The caller may no longer wait for it.
            let _ = first.send(());
        }
        failures = if is_up { 0 } else { failures + 1 };
        if failures == FAILURES {
            link.replace_connection();
            failures = 0;
        }
        // A failed command ends the pause.
        link.wait_for_failure(if is_up { PAUSE_UP } else { PAUSE_DOWN }).await;
    }
}

/// State that was logged last.
#[derive(Default)]
struct StateLog {
    is_up: Option<bool>,
    /// Causes of failed commands that were logged since the last change.
    causes: BTreeSet<String>,
}

/// Event to log. Failures have their cause.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Available,
    Unavailable(String),
    CommandFailed(String),
}

impl StateLog {
    /// Returns the event to log after a probe: the first result, each change, and one failed command of each cause while
    /// probes succeed. More of them would be a line for each request, when Redis rejects only some commands.
    fn event(&mut self, probe: Result<(), String>, failed_command: Option<String>) -> Option<Event> {
        let is_up = probe.is_ok();
        if self.is_up.replace(is_up) != Some(is_up) {
            self.causes.clear();
            return Some(probe.map_or_else(Event::Unavailable, |()| Event::Available));
        }
        let cause = failed_command.filter(|_| is_up && self.causes.len() < CAUSES)?;
        self.causes.insert(cause.clone()).then_some(Event::CommandFailed(cause))
    }
}

impl Event {
    fn write(&self) {
        match self {
            Self::Available => tracing::info!("redis available, rate limits shared by all replicas"),
            Self::Unavailable(cause) => tracing::warn!(%cause, "redis unavailable, rate limits counted per process"),
            Self::CommandFailed(cause) => {
                tracing::warn!(%cause, "redis command failed; the next ones of this cause are not logged");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_and_one_failed_command_of_each_cause_are_logged() {
        let cause = |text: &str| Some(text.to_owned());
        let up = || Ok(());
        let down = || Err("connection refused".to_owned());
        let mut log = StateLog::default();
        let steps = [
            (up(), None, Some(Event::Available)),
            (up(), None, None),
            (up(), cause("no permission"), Some(Event::CommandFailed("no permission".to_owned()))),
            (up(), cause("no permission"), None),
            (up(), None, None),
            (up(), cause("no answer in time"), Some(Event::CommandFailed("no answer in time".to_owned()))),
            (up(), cause("no permission"), None),
            (down(), cause("no answer in time"), Some(Event::Unavailable("connection refused".to_owned()))),
            (down(), cause("no answer in time"), None),
            (up(), cause("no answer in time"), Some(Event::Available)),
            (up(), cause("no permission"), Some(Event::CommandFailed("no permission".to_owned()))),
        ];
        for (number, (probe, failed_command, expected)) in steps.into_iter().enumerate() {
            assert_eq!(log.event(probe, failed_command), expected, "step {number}");
        }
    }

    #[test]
    fn redis_that_is_unavailable_at_start_is_logged() {
        let event = StateLog::default().event(Err("no answer in time".to_owned()), None);
        assert_eq!(event, Some(Event::Unavailable("no answer in time".to_owned())));
    }
}
