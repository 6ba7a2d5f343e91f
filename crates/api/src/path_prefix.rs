//! Paths below another path.

/// Returns true for the path itself and for those below it: `/dav` and `/dav/contacts`, but not `/davos`.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
