//! Tags in a response.

use domain::contact::TagCount;
use serde::Serialize;
use utoipa::ToSchema;

/// All tags of your contacts.
#[derive(Serialize, ToSchema)]
#[schema(as = TagList)]
pub(crate) struct TagsView {
    /// The tags, in alphabetical order.
    pub(crate) items: Vec<TagView>,
}

/// A tag, with the number of contacts that have it.
#[derive(Serialize, ToSchema)]
#[schema(as = TagCount)]
pub(crate) struct TagView {
    /// The most frequent spelling of the tag.
    #[schema(example = "друзі")]
    tag: String,
    /// The number of contacts that have the tag.
    #[schema(example = 12)]
    count: u64,
}

impl From<&TagCount> for TagView {
    fn from(counted: &TagCount) -> Self {
        Self { tag: counted.tag.as_str().to_owned(), count: counted.count }
    }
}
