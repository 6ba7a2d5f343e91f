//! Errors of CardDAV.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use carddav::{HeaderError, Precondition, RequestError, Resource, error_document};
use contact_files::SentCardError;
use domain::{
    contact::card_resource::CardName,
    ids::UserId,
    use_cases::card_resource::{DeleteCardError, MoveCardError, PutCardError},
};

use crate::{
    problem::{Code, Problem},
    response::DAV_XML,
};

/// Error of a request below `/dav/`.
#[derive(Debug)]
pub(crate) enum DavError {
    /// A condition of DAV is not met.
    Condition(StatusCode, Precondition, String),
    /// A status, with a sentence for people.
    Status(StatusCode, String),
    /// An error that REST has, too. The response layer writes it as an error of DAV.
    Problem(Problem),
}

impl DavError {
    pub(super) fn forbidden(condition: Precondition, message: impl Into<String>) -> Self {
        Self::Condition(StatusCode::FORBIDDEN, condition, message.into())
    }

    pub(super) fn not_found() -> Self {
        Self::Problem(Problem::new(Code::NotFound))
    }

    /// Returns the error of a card that is larger than the service takes.
    pub(super) fn too_large() -> Self {
        Self::forbidden(Precondition::MaxResourceSize, "The card is too large.")
    }

    /// Returns the error of a put. `owner` is the owner of the address book.
    pub(super) fn of_put(error: PutCardError, owner: UserId) -> Self {
        match error {
            PutCardError::PreconditionFailed => Self::changed(),
            PutCardError::UidTaken { name } => Self::uid_taken(owner, &name),
            PutCardError::LimitReached { limit } => Self::Status(
                StatusCode::INSUFFICIENT_STORAGE,
                format!("The address book is full: it has the maximum of {limit}."),
            ),
            PutCardError::OwnerNotFound => Self::Problem(Problem::new(Code::Unauthenticated)),
            PutCardError::Picture(error) => Self::Problem(error.into()),
            PutCardError::PictureStore(error) => Self::Problem(error.into()),
            PutCardError::Store(error) => Self::Problem(error.into()),
        }
    }

    fn uid_taken(owner: UserId, name: &CardName) -> Self {
        let name = carddav::CardName::new(name.as_str());
        let href = name.map(|name| Resource::Card(owner.0, name).href()).unwrap_or_default();
        let message = "Another card of the address book has this UID.".to_owned();
        Self::Condition(StatusCode::CONFLICT, Precondition::NoUidConflict { href }, message)
    }

    /// Returns the error of a card whose state is not one that the client expects.
    pub(super) fn changed() -> Self {
        Self::Status(StatusCode::PRECONDITION_FAILED, "The card has changed since you read it.".to_owned())
    }
}

impl From<Problem> for DavError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<HeaderError> for DavError {
    fn from(error: HeaderError) -> Self {
        Self::Status(StatusCode::BAD_REQUEST, sentence(&error))
    }
}

impl From<RequestError> for DavError {
    fn from(error: RequestError) -> Self {
        let message = sentence(&error);
        match error {
            RequestError::BodyTooLarge => Self::Problem(Problem::new(Code::BodyTooLarge)),
            RequestError::Xml(_) | RequestError::Unexpected(_) => Self::Status(StatusCode::BAD_REQUEST, message),
            RequestError::Precondition(condition) => Self::forbidden(condition, message),
        }
    }
}

impl From<SentCardError> for DavError {
    fn from(error: SentCardError) -> Self {
        match error {
            SentCardError::NotOneCard(_) => Self::forbidden(Precondition::ValidAddressData, sentence(&error)),
            SentCardError::TooLarge(_) => Self::too_large(),
        }
    }
}

/// Returns the text of an error as a sentence.
fn sentence(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).chain(['.']).collect()).unwrap_or_default()
}

impl From<DeleteCardError> for DavError {
    fn from(error: DeleteCardError) -> Self {
        match error {
            DeleteCardError::NotFound => Self::not_found(),
            DeleteCardError::PreconditionFailed => Self::changed(),
            DeleteCardError::Store(error) => Self::Problem(error.into()),
        }
    }
}

impl From<MoveCardError> for DavError {
    fn from(error: MoveCardError) -> Self {
        match error {
            MoveCardError::NotFound => Self::not_found(),
            MoveCardError::PreconditionFailed => Self::changed(),
            MoveCardError::NameTaken => Self::Status(
                StatusCode::PRECONDITION_FAILED,
                "Another card has the new name, and Overwrite is F.".to_owned(),
            ),
            MoveCardError::Store(error) => Self::Problem(error.into()),
        }
    }
}

impl fmt::Display for DavError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Condition(_, condition, _) => write!(formatter, "{condition:?}"),
            Self::Status(status, _) => write!(formatter, "{status}"),
            Self::Problem(problem) => write!(formatter, "{problem}"),
        }
    }
}

impl ResponseError for DavError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Condition(status, ..) | Self::Status(status, _) => *status,
            Self::Problem(problem) => problem.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (status, condition, message) = match self {
            Self::Condition(status, condition, message) => (*status, Some(condition), message),
            Self::Status(status, message) => (*status, None, message),
            Self::Problem(problem) => return problem.error_response(),
        };
        HttpResponse::build(status).content_type(DAV_XML).body(error_document(condition, message))
    }
}
