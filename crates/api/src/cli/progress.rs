//! Progress of a command that handles many contacts.

use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

/// Number of contacts between two lines, where standard error is no terminal.
const LINE_AFTER: u64 = 1_000;

/// Progress on standard error: a bar on a terminal, else lines of text.
pub(super) struct Progress {
    bar: ProgressBar,
    action: &'static str,
}

impl Progress {
    /// Begins the progress of an action on this number of contacts.
    pub(super) fn start(action: &'static str, total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let style = ProgressStyle::with_template("{msg} {bar:40} {human_pos}/{human_len} contacts, {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(action);
        Self { bar, action }
    }

    /// Reports that more contacts are done.
    pub(super) fn advance(&self, contacts: u64) {
        let before = self.bar.position();
        self.bar.inc(contacts);
        let done = self.bar.position();
        if self.bar.is_hidden() && before / LINE_AFTER != done / LINE_AFTER {
            note(&format!("{}: {done} contacts", self.action));
        }
    }

    /// Ends the progress, and returns the number of contacts.
    pub(super) fn finish(self) -> u64 {
        self.bar.finish_and_clear();
        self.bar.position()
    }
}

/// Writes a line to standard error.
pub(super) fn note(line: &str) {
    // When standard error is closed, no user reads the line.
    let _ = writeln!(io::stderr(), "{line}");
}
