//! Settings of the log.

/// Format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Pretty,
    /// JSON for machines: one object a line.
    Json,
}

/// Settings of the log.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// Format of log lines.
    pub format: LogFormat,
    /// Filter of log lines (`tracing` directives).
    pub directives: String,
}
