//! Conversions from the errors of the CardDAV use cases to problems. The rules of `from_use_cases` apply.

use domain::use_cases::card_resource::{CardSyncError, ReadCardsError};

use super::{Code, Problem};

impl From<ReadCardsError> for Problem {
    fn from(error: ReadCardsError) -> Self {
        match error {
            ReadCardsError::Photo(error) => error.into(),
            ReadCardsError::Store(error) => error.into(),
        }
    }
}

impl From<CardSyncError> for Problem {
    fn from(error: CardSyncError) -> Self {
        match error {
            CardSyncError::TokenExpired => Self::new(Code::SyncTokenExpired),
            CardSyncError::OwnerNotFound => Self::new(Code::Unauthenticated),
            CardSyncError::Store(error) => error.into(),
        }
    }
}
