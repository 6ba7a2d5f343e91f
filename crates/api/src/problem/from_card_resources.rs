//! Conversions from the errors of the CardDAV use cases to problems. The rules of `from_use_cases` apply.

use domain::use_cases::card_resource::CardSyncError;

use super::{Code, Problem};

impl From<CardSyncError> for Problem {
    fn from(error: CardSyncError) -> Self {
        match error {
            CardSyncError::TokenExpired => Self::new(Code::SyncTokenExpired),
            CardSyncError::OwnerNotFound => Self::new(Code::Unauthenticated),
            CardSyncError::Store(error) => error.into(),
        }
    }
}
