//! Lists the trash.

use crate::{
    contact::trash::{TrashPage, TrashPlace, TrashedContact},
    error::StoreError,
    ids::UserId,
    ports::Ports,
};

/// Returns a page of the owner's trash, and the position after which the next page begins, if there is one.
///
/// # Errors
/// Errors of the store.
pub async fn list_trash(
    ports: &Ports,
    owner: UserId,
    after: Option<TrashPlace>,
    limit: u64,
) -> Result<(TrashPage, Option<TrashPlace>), StoreError> {
    // One extra contact shows whether there is a next page.
    let mut page = ports.store.list_trash(owner, after, limit.saturating_add(1)).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_next = page.items.len() > limit;
    page.items.truncate(limit);
    let next = page.items.last().filter(|_| has_next).map(TrashedContact::place);
    Ok((page, next))
}
