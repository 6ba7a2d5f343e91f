//! List contacts: search, sort, page.

use super::{ContactPage, ContactQuery, Cursor};
use crate::{Ports, account::UserId, store::StoreError};

/// A page of the owner's contacts, and the cursor of the next one while there may be more.
///
/// # Errors
/// Only what the store reports.
pub async fn list_contacts(
    ports: &Ports,
    owner: UserId,
    query: &ContactQuery,
) -> Result<(ContactPage, Option<Cursor>), StoreError> {
    let page = ports.store.list_contacts(owner, query).await?;
    let is_full = u64::try_from(page.items.len()).is_ok_and(|length| length >= query.limit);
    let next = page.items.last().filter(|_| is_full).map(|last| Cursor::at(last, &query.sort));
    Ok((page, next))
}
