//! Contacts in the trash, and their order.

use super::TRASH_RETENTION;
use crate::{contact::Contact, ids::ContactId, time::Timestamp};

/// Contact in the trash, as it was before it was deleted. It does not count towards the contact limit, and only the
/// operations of the trash find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashedContact {
    /// The contact, with the number of its last change before the deletion.
    pub contact: Contact,
    /// Time of the deletion.
    pub deleted_at: Timestamp,
}

impl TrashedContact {
    /// Returns the time at which the contact is permanently deleted, unless it is restored before.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.deleted_at + TRASH_RETENTION
    }

    /// Returns the position in the trash.
    #[must_use]
    pub fn position(&self) -> TrashPosition {
        TrashPosition { deleted_at: self.deleted_at, id: self.contact.id }
    }
}

/// Position in the trash. The order is descending: the latest deleted first, of equal times the greater id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrashPosition {
    /// Time at which the contact was deleted.
    pub deleted_at: Timestamp,
    /// Id of the contact, which may have been removed.
    pub id: ContactId,
}
