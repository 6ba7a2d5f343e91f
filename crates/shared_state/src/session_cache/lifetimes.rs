//! Lifetimes of cached sessions.

use std::time::Duration;

/// Lifetime of a cached session. A write of a process that shares the cache invalidates it at once.
pub const SESSION_CACHE_TTL: Duration = Duration::from_secs(60);

/// Lifetime of a cached session while this process does not notice what other processes write, like
/// `contacts-api user`.
pub const UNWATCHED_CACHE_TTL: Duration = Duration::from_secs(1);
