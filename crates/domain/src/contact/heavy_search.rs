//! Heavy searches: those that may load the database long enough to slow other requests down.

use super::Filter;

/// Maximum cost of a search that is not heavy: number of searched characters times the contact limit. Such a search
/// takes some milliseconds when each contact has notes of 5,000 characters.
const LIGHT_SEARCH: u64 = 1_000;

/// Returns true when a search with this filter is heavy. It is judged by the contact limit for all users, as most users
/// have no limit of their own. Callers run at most one heavy search per user at a time.
#[must_use]
pub fn is_heavy_search(filter: &Filter, contact_limit: u64) -> bool {
    let characters = u64::try_from(filter.searched_characters()).unwrap_or(u64::MAX);
    characters.saturating_mul(contact_limit) > LIGHT_SEARCH
}
