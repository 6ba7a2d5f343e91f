//! Errors of the settings.

use std::fmt;

/// Errors of the settings, one line each. They contain no values, because a value may be a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsError {
    errors: Vec<String>,
}

impl SettingsError {
    pub(super) fn new(errors: Vec<String>) -> Self {
        Self { errors }
    }

    pub(super) fn unreadable(error: &config::ConfigError) -> Self {
        Self { errors: vec![error.to_string()] }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.errors.join("\n"))
    }
}

impl std::error::Error for SettingsError {}
