//! The contact.

use super::ContactDetails;
use crate::{
    account::UserId,
    picture::PictureKey,
    time::{Instant, id_type},
};

id_type! {
    /// Names a contact.
    ContactId
}

/// Counts the changes of a contact, from 1: what its entity tag is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub i64);

impl Version {
    /// Of a contact that was never changed.
    pub const FIRST: Self = Self(1);

    /// After one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Which versions a writer has seen: the guard against overwriting what it has not
/// (RFC 9110, 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It does not care.
    Any,
    /// Only these.
    OneOf(Vec<Version>),
}

impl Expected {
    /// Whether a version is one the writer expects.
    #[must_use]
    pub fn admits(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// A person or an organisation in somebody's address book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id.
    pub id: ContactId,
    /// Whose it is; never changes.
    pub owner: UserId,
    /// What is known.
    pub details: ContactDetails,
    /// Their picture.
    pub photo: Option<PictureKey>,
    /// How often it was changed.
    pub version: Version,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}
