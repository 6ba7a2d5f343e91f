//! Operations of a batch, and their outcomes.

use super::{CardPatch, Contact, Expected, ValidCard};
use crate::ids::ContactId;

/// Maximum number of operations in one batch.
pub const MAX_OPERATIONS: usize = 200;

/// One operation of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Creates a contact.
    Create(Box<ValidCard>),
    /// Changes some members of the card of a contact of the owner.
    Update(ContactId, Expected, CardPatch),
    /// Moves a contact of the owner into the trash.
    Delete(ContactId, Expected),
}

impl Operation {
    /// Returns the change of the number of contacts.
    pub(crate) fn added_contacts(&self) -> i64 {
        match self {
            Self::Create(_) => 1,
            Self::Update(..) => 0,
            Self::Delete(..) => -1,
        }
    }

    /// Returns the contact that the operation changes; `None` for a new one.
    pub(crate) fn target(&self) -> Option<ContactId> {
        match self {
            Self::Create(_) => None,
            Self::Update(id, ..) | Self::Delete(id, _) => Some(*id),
        }
    }
}

/// Result of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The new contact.
    Created(Contact),
    /// The changed contact.
    Updated(Contact),
    /// The contact of an update that changed nothing.
    Unchanged(Contact),
    /// The contact was moved into the trash.
    Deleted(ContactId),
}

impl Outcome {
    /// Returns true when a contact was created, changed or moved into the trash.
    pub(crate) fn is_change(&self) -> bool {
        !matches!(self, Self::Unchanged(_))
    }

    /// Returns the contact that was created, changed or moved into the trash.
    pub(crate) fn contact_id(&self) -> ContactId {
        match self {
            Self::Created(contact) | Self::Updated(contact) | Self::Unchanged(contact) => contact.id,
            Self::Deleted(id) => *id,
        }
    }
}
