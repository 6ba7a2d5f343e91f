//! Cards, as clients send them.

use super::CardResource;
use crate::contact::{
    ChangeNumber, ValidCard,
    received::{CardUid, ReceivedText},
};

/// Content of a card that a client sends. It is never rejected for a value that a contact cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutContent {
    /// A contact.
    Contact(Box<PutContact>),
    /// A group of contacts.
    Group {
        /// UID, if the card has one.
        uid: Option<CardUid>,
        /// The text.
        text: ReceivedText,
    },
}

/// A contact that a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutContact {
    /// The values that a contact can have.
    pub card: ValidCard,
    /// `favorite`, if the text has it. Many programs do not know it, and leave it out.
    pub favorite: Option<bool>,
    /// UID, if the card has one.
    pub uid: Option<CardUid>,
    /// The text without the picture inside of it.
    pub text: ReceivedText,
    /// The picture inside of the text.
    pub photo: Option<Vec<u8>>,
    /// The text with the picture, for a picture that cannot be converted. `None` when it would be too large.
    pub text_with_photo: Option<ReceivedText>,
}

/// States of a card that a client accepts (RFC 9110, 13.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardPrecondition {
    /// Every state.
    Any,
    /// The card does not exist.
    Absent,
    /// The card exists.
    Present,
    /// Only the states after these changes.
    OneOf(Vec<ChangeNumber>),
    /// Every state but those after these changes. A card that does not exist is accepted.
    NoneOf(Vec<ChangeNumber>),
}

impl CardPrecondition {
    /// Returns true when the current state is accepted; `None` when the card does not exist.
    #[must_use]
    pub fn admits(&self, current: Option<&CardResource>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => current.is_none(),
            Self::Present => current.is_some(),
            Self::OneOf(changes) => current.is_some_and(|current| changes.contains(&current.change())),
            Self::NoneOf(changes) => current.is_none_or(|current| !changes.contains(&current.change())),
        }
    }
}
