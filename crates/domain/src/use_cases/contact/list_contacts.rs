//! Lists contacts: search, sort, page.

use crate::{
    contact::{ContactPage, ContactQuery, Cursor},
    error::StoreError,
    ids::UserId,
    ports::{Policy, Ports},
};

/// Maximum cost of a search that is not heavy: number of searched characters times the contact limit. Such a search
/// takes some milliseconds when each contact has notes of 5,000 characters.
const LIGHT_SEARCH: u64 = 1_000;

/// Returns true when a search may load the database long enough to slow other requests down. Callers run at most one
/// such search per user at a time.
#[must_use]
pub fn is_heavy_search(policy: &Policy, query: &ContactQuery) -> bool {
    let length = u64::try_from(query.filter.length()).unwrap_or(u64::MAX);
    length.saturating_mul(policy.contact_limit) > LIGHT_SEARCH
}

/// Returns a page of the owner's contacts, and the cursor of the next page if there is one.
///
/// # Errors
/// Errors of the store.
pub async fn list_contacts(
    ports: &Ports,
    owner: UserId,
    query: &ContactQuery,
) -> Result<(ContactPage, Option<Cursor>), StoreError> {
    // One extra contact shows whether there is a next page.
    let with_next = ContactQuery { limit: query.limit.saturating_add(1), ..query.clone() };
    let mut page = ports.store.list_contacts(owner, &with_next).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let has_next = page.items.len() > limit;
    page.items.truncate(limit);
    let next = page.items.last().filter(|_| has_next).map(|last| Cursor::at(last, &query.sort));
    Ok((page, next))
}
