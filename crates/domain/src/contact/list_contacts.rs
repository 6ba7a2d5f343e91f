//! List contacts: search, sort, page.

use super::{ContactPage, ContactQuery, Cursor};
use crate::{Policy, Ports, account::UserId, store::StoreError};

/// The characters looked for, times the contacts of a full address book, that a search may take without being heavy:
/// some milliseconds where each contact has notes of 5,000 characters.
const LIGHT_SEARCH: u64 = 1_000;

/// Whether a search may keep the database busy for long enough to slow other requests down. A caller runs one such
/// search of a user at a time.
#[must_use]
pub fn is_heavy_search(policy: &Policy, query: &ContactQuery) -> bool {
    let length = u64::try_from(query.filter.length()).unwrap_or(u64::MAX);
    length.saturating_mul(policy.contact_limit) > LIGHT_SEARCH
}

/// A page of the owner's contacts, and the cursor of the next one if there is more.
///
/// # Errors
/// Only what the store reports.
pub async fn list_contacts(
    ports: &Ports,
    owner: UserId,
    query: &ContactQuery,
) -> Result<(ContactPage, Option<Cursor>), StoreError> {
    // One contact more than asked for tells whether there is a next page.
    let with_next = ContactQuery { limit: query.limit.saturating_add(1), ..query.clone() };
    let mut page = ports.store.list_contacts(owner, &with_next).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let has_next = page.items.len() > limit;
    page.items.truncate(limit);
    let next = page.items.last().filter(|_| has_next).map(|last| Cursor::at(last, &query.sort));
    Ok((page, next))
}
