//! Errors of adapters at the start.

use domain::error::Source;

use domain::error::with_causes;

/// Prefixes the error of an adapter with its setting or file. Errors of adapters never contain a value.
pub(super) fn named(subject: &str, error: &dyn std::error::Error) -> Source {
    format!("{subject}: {}", with_causes(error)).into()
}
