//! Changes, as they are read.

use super::{SyncEpoch, SyncToken};
use crate::{
    contact::{ChangeNumber, Contact},
    ids::ContactId,
};

/// Maximum number of recorded deletions of a user, for each contact that the address book may have.
pub const RETAINED_DELETIONS_PER_CONTACT: u64 = 10;

/// Last change of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The number of the change.
    pub number: ChangeNumber,
    /// The contact.
    pub id: ContactId,
    /// The contact as it is now. `None` when it was deleted: it is in the trash, or permanently deleted.
    pub contact: Option<Contact>,
}

/// Some changes of an address book, all of one moment: of contacts, or of the cards of CardDAV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<T = Change> {
    /// Epoch of the numbers.
    pub epoch: SyncEpoch,
    /// The greatest number that was taken.
    pub newest: ChangeNumber,
    /// Number of the latest deletion that is no longer recorded; 0 if all are. Clients that have read fewer changes must
    /// begin again.
    pub floor: ChangeNumber,
    /// The changes, with ascending numbers. A contact appears once, with its last change.
    pub items: Vec<T>,
}

impl<T> Changes<T> {
    /// Returns true when a client with this token misses no change if it continues.
    #[must_use]
    pub fn continue_from(&self, token: &SyncToken) -> bool {
        token.epoch == self.epoch && (self.floor..=self.newest).contains(&token.known())
    }
}
