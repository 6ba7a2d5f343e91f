//! The trash: what was deleted, for as long as it can be had back.

mod list_trash;
mod purge_trash;
mod repository;
mod restore_contact;

use chrono::Duration;

pub(super) use self::purge_trash::AT_ONCE;
pub use self::{
    list_trash::list_trash,
    purge_trash::{PurgeTrashedContactError, empty_trash, purge_old_trash, purge_trashed_contact},
    repository::{PurgeScope, Purged, TrashQueries, TrashRepository},
    restore_contact::{RestoreContactError, restore_contact},
};
use super::{Contact, ContactId};
use crate::time::Instant;

/// How long a deleted contact can be had back.
pub const TRASH_RETENTION: Duration = Duration::days(30);

/// A contact that was deleted, as it was then. It counts towards no limit, and nothing but the trash finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashedContact {
    /// The contact.
    pub contact: Contact,
    /// When it was deleted.
    pub deleted_at: Instant,
}

impl TrashedContact {
    /// When it goes for good, unless it is restored before.
    #[must_use]
    pub fn expires_at(&self) -> Instant {
        self.deleted_at + TRASH_RETENTION
    }

    /// Its place in the trash.
    #[must_use]
    pub fn place(&self) -> TrashPlace {
        TrashPlace { deleted_at: self.deleted_at, id: self.contact.id }
    }
}

/// A place in the trash, whose order is: the latest deleted first, of equals the greater id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrashPlace {
    /// When the contact there was deleted.
    pub deleted_at: Instant,
    /// The contact; it may be gone.
    pub id: ContactId,
}

/// A page of the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashPage {
    /// The contacts, in the order of [`TrashPlace`].
    pub items: Vec<TrashedContact>,
    /// How many the trash holds in all.
    pub total: u64,
}
