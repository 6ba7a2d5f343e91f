//! Lists the tags of a user's contacts, each in its most frequent spelling.

use std::{cmp::Reverse, collections::HashMap};

use crate::{collation::sort_key, contact::TagCount, error::StoreError, folding::fold_case, ids::UserId, ports::Ports};

/// Returns each tag of the owner's contacts once, in the order of [`sort_key`]. Of several spellings, the most frequent
/// one is returned; of equally frequent ones, the first in that order.
///
/// # Errors
/// Errors of the store.
pub async fn list_tags(ports: &Ports, owner: UserId) -> Result<Vec<TagCount>, StoreError> {
    let mut spellings = ports.store.tag_spellings(owner).await?;
    spellings.sort_by_cached_key(|spelling| {
        let text = spelling.tag.as_str();
        (Reverse(spelling.count), sort_key(Some(text)), text.to_owned())
    });
    // A contact has each tag in one spelling only, so the counts of the spellings can be added.
    let mut shown: HashMap<String, TagCount> = HashMap::new();
    for TagCount { tag, count } in spellings {
        shown.entry(fold_case(tag.as_str())).or_insert(TagCount { tag, count: 0 }).count += count;
    }
    let mut tags: Vec<TagCount> = shown.into_values().collect();
    tags.sort_by_cached_key(|shown| (sort_key(Some(shown.tag.as_str())), shown.tag.as_str().to_owned()));
    Ok(tags)
}
