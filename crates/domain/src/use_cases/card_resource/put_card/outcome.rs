//! Result and errors of putting a card.

use crate::{
    contact::card_resource::{CardName, CardResource},
    error::StoreError,
    picture::PictureStoreError,
    use_cases::steps::StoreUploadError,
};

/// Result of [`put_card`](super::put_card()).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The card as it is stored.
    pub resource: CardResource,
    /// True when no card had the name before.
    pub is_new: bool,
}

/// Errors of [`put_card`](super::put_card()).
#[derive(Debug, thiserror::Error)]
pub enum PutCardError {
    /// The state of the card is not one that the client accepts.
    #[error("the card was changed meanwhile")]
    PreconditionFailed,
    /// Another card has the UID.
    #[error("another card has this UID")]
    UidTaken {
        /// Name of the other card.
        name: CardName,
    },
    /// The owner already has the maximum number of contacts or groups.
    #[error("the limit of {limit} is reached")]
    LimitReached {
        /// The maximum number.
        limit: u64,
    },
    /// The owner was deleted.
    #[error("no such user")]
    OwnerNotFound,
    /// The picture could not be stored.
    #[error(transparent)]
    Picture(#[from] StoreUploadError),
    /// The stored picture could not be read.
    #[error(transparent)]
    PictureStore(#[from] PictureStoreError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
