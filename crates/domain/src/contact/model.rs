//! The contact and its version.

use super::{CardJson, ContactCard, ValidCard};
use crate::{
    error::StoreError,
    ids::{ContactId, UserId},
    picture::PictureKey,
    time::Timestamp,
};

/// Version of a contact: 1 when created, plus 1 for each change. Entity tags are derived from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Version {
    /// Version of a contact that was never changed.
    pub const FIRST: Self = Self(1);

    /// Returns the version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Versions of a contact that a client accepts. It guards against overwriting changes that the client has not seen (RFC
/// 9110, 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Every version.
    Any,
    /// Only these versions.
    OneOf(Vec<Version>),
}

impl Expected {
    /// Returns true when the version is accepted.
    #[must_use]
    pub fn admits(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
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
    /// Version, for entity tags.
    pub version: Version,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
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
    pub fn new(id: ContactId, owner: UserId, card: &ValidCard, now: Timestamp) -> Self {
        let (card, version) = (card.to_json(), Version::FIRST);
        Self { id, owner, card, photo: None, version, created_at: now, updated_at: now }
    }

    /// Returns the contact with another card, or `None` when it has this card already: what changes nothing makes no new
    /// version.
    #[must_use]
    pub fn with_card(&self, card: &ValidCard, now: Timestamp) -> Option<Self> {
        let card = card.to_json();
        (card != self.card).then(|| Self { card, version: self.version.next(), updated_at: now, ..self.clone() })
    }

    /// Parses the card.
    ///
    /// # Errors
    /// [`UnreadableContact`].
    pub fn parsed_card(&self) -> Result<ContactCard, UnreadableContact> {
        self.card.parse().map_err(|_| UnreadableContact(self.id))
    }
}
