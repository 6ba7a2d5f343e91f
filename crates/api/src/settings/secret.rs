//! Strength of the secrets that the operator sets.

use std::collections::HashSet;

use auth::MIN_SECRET_BYTES;

/// Placeholder for secrets in `.env.example`. A secret that contains it is rejected.
pub const EXAMPLE_SECRET: &str = "change-me";

/// Minimum number of different bytes. Fewer come from typing one key, not from a random source.
const MIN_DISTINCT_BYTES: usize = 8;

/// Returns the reason to reject a secret; `None` when it is strong enough.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    if secret.is_empty() {
        return Some("is not set");
    }
    if secret.contains(EXAMPLE_SECRET) {
        return Some("still has the value of .env.example");
    }
    if secret.len() < MIN_SECRET_BYTES {
        return Some("is too short");
    }
    let distinct: HashSet<u8> = secret.bytes().collect();
    (distinct.len() < MIN_DISTINCT_BYTES).then_some("has fewer than 8 different characters")
}
