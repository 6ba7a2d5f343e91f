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

pub(super) fn log_format(text: &str) -> Option<LogFormat> {
    match text.trim() {
        "pretty" => Some(LogFormat::Pretty),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

/// False when a directive is a bare word that is not a level. `tracing` would take it for the name of a module, and log
/// nothing else.
pub(super) fn is_directives(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    // A directive with a span or a level is checked by `tracing`.
    text.split(',')
        .map(str::trim)
        .all(|word| word.is_empty() || word.contains(['=', '[', ']', '{', '}']) || is_level(word))
}

#[cfg(test)]
mod tests {
    use super::is_directives;

    #[test]
    fn bare_word_that_is_no_level_is_rejected() {
        for text in ["info", "INFO", "off", "info,domain=debug", "warn, sea_orm=off", "info,[request{id=a,b=c}]=debug"]
        {
            assert!(is_directives(text), "{text}");
        }
        for text in ["loud", "info,loud", "domain", "verbose,domain=debug"] {
            assert!(!is_directives(text), "{text}");
        }
    }
}
