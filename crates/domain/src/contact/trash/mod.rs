//! The trash: deleted contacts that can still be restored.

mod model;
mod repository;

pub use self::{
    model::{TRASH_RETENTION, TrashPage, TrashPlace, TrashedContact},
    repository::{PurgeScope, Purged, TrashQueries, TrashRepository},
};
