//! The contact, and the changes that a client knows.

use super::{CardJson, ChangeNumber, ContactCard, StoredSortKeys, ValidCard};
use crate::{
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};

/// States of a contact that a client accepts. It guards against overwriting changes that the client has not seen (RFC
/// 9110, 13.1.1 and 13.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Every state.
    Any,
    /// Only the states after these changes.
    OneOf(Vec<ChangeNumber>),
    /// Every state but those after these changes.
    NoneOf(Vec<ChangeNumber>),
}

impl Expected {
    /// Returns true when the state after this change is accepted.
    #[must_use]
    pub fn admits(&self, change: ChangeNumber) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(changes) => changes.contains(&change),
            Self::NoneOf(changes) => !changes.contains(&change),
        }
    }
}

/// Person or organization in the address book of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id.
    pub id: ContactId,
    /// Owner; never changes.
    pub owner: UserId,
    /// All details of the contact.
    pub card: CardJson,
    /// Photo, if set.
    pub photo: Option<PictureKey>,
    /// Number of the last change.
    pub change: ChangeNumber,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
    /// Sort keys that another version has stored. Only lists set them. `None`: the sort keys follow from the card.
    pub stored_keys: Option<Box<StoredSortKeys>>,
}

/// The stored card of this contact cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the card of contact {0} cannot be read")]
pub struct UnreadableContact(pub ContactId);

impl From<UnreadableContact> for StoreError {
    fn from(error: UnreadableContact) -> Self {
        Self::Backend(error.into())
    }
}

impl Contact {
    /// Creates a contact without a photo.
    #[must_use]
    pub fn new(id: ContactId, owner: UserId, card: &ValidCard, change: ChangeNumber, now: Timestamp) -> Self {
        let card = card.to_json();
        Self { id, owner, card, photo: None, change, created_at: now, updated_at: now, stored_keys: None }
    }

    /// Returns the contact with another card, or `None` when it has this card already: then it is not changed.
    #[must_use]
    pub fn with_card(&self, card: &ValidCard, change: ChangeNumber, now: Timestamp) -> Option<Self> {
        let card = card.to_json();
        (card != self.card).then(|| Self { card, change, updated_at: now, stored_keys: None, ..self.clone() })
    }

    /// Parses the card.
    ///
    /// # Errors
    /// [`UnreadableContact`].
    pub fn parsed_card(&self) -> Result<ContactCard, UnreadableContact> {
        self.card.parse().map_err(|_| UnreadableContact(self.id))
    }
}
