//! List contacts: search, sort, page.

use super::{ContactPage, ContactQuery, Cursor};
use crate::{Ports, account::UserId, store::StoreError};

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
