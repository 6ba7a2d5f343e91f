//! The trash: deleted contacts that can still be restored.

mod model;
mod repository;
mod size;

pub use self::{
    model::{DEFAULT_TRASH_LIMIT, MAX_TRASH_LIMIT, TRASH_RETENTION, TrashPosition, TrashedContact},
    repository::{PurgeScope, Purged, TrashQueries, TrashRepository},
    size::trash_limit,
};
