//! The trash: deleted contacts that can still be restored.

mod limits;
mod model;
mod repository;

pub use self::{
    limits::{DEFAULT_TRASH_LIMIT, MAX_TRASH_LIMIT, TRASH_RETENTION, trash_limit},
    model::{TrashPosition, TrashedContact},
    repository::{PurgeScope, Purged, TrashQueries, TrashRepository},
};
