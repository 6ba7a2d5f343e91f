//! Cards, as they are read.

use super::CardName;
use crate::{
    contact::{
        ChangeNumber, Contact,
        received::{CardUid, ReceivedCard, ReceivedText},
    },
    ids::ContactId,
    picture::PictureKey,
};

/// Contact or group that a name of an address book stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardTarget {
    /// A contact.
    Contact(ContactId),
    /// A group of contacts.
    Group,
}

/// Last change of the card with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardChange {
    /// The name.
    pub name: CardName,
    /// The number of the change.
    pub number: ChangeNumber,
    /// Target of the name. `None` when it was removed: the contact is in the trash, permanently deleted or has another
    /// name.
    pub target: Option<CardTarget>,
}

/// Card of a group. It is stored as its text only, and is no contact: it is in no list, and does not count
/// towards the contact limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCard {
    /// The name.
    pub name: CardName,
    /// The UID.
    pub uid: CardUid,
    /// Number of the last change.
    pub change: ChangeNumber,
    /// The text as it was received.
    pub text: ReceivedText,
}

impl GroupCard {
    /// Maximum number of groups of one user.
    pub const MAX_PER_USER: u64 = 1_000;
}

/// A card, with everything that its text is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardResource {
    /// The name.
    pub name: CardName,
    /// The content.
    pub content: CardContent,
}

/// Content of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardContent {
    /// A contact, and its received card if it has one.
    Contact(Box<(Contact, Option<ReceivedCard>)>),
    /// A group.
    Group(Box<GroupCard>),
}

impl CardResource {
    /// Returns the number of the last change.
    #[must_use]
    pub fn change(&self) -> ChangeNumber {
        match &self.content {
            CardContent::Contact(contact) => contact.0.change,
            CardContent::Group(group) => group.change,
        }
    }

    /// Returns the photo, if it has one. A group has none.
    #[must_use]
    pub fn photo(&self) -> Option<&PictureKey> {
        match &self.content {
            CardContent::Contact(contact) => contact.0.photo.as_ref(),
            CardContent::Group(_) => None,
        }
    }

    /// Returns the UID.
    #[must_use]
    pub fn uid(&self) -> CardUid {
        match &self.content {
            CardContent::Contact(contact) => {
                let (contact, received) = &**contact;
                received.as_ref().map_or_else(|| CardUid::of_contact(contact.id), |received| received.uid.clone())
            }
            CardContent::Group(group) => group.uid.clone(),
        }
    }
}
