//! Headers of a request: Depth, Prefer, If-Match and If-None-Match.

mod depth;
mod entity_tags;
mod prefer;

pub use self::{depth::Depth, entity_tags::EntityTags, prefer::Preferences};
