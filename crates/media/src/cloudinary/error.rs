//! Errors of a call to Cloudinary. Of the response body they contain only Cloudinary's error message.

use std::{io, time::Duration};

use domain::{error::Source, picture::PictureStoreError};

/// Prefix of the error of the `cloudinary` crate that contains an unparsable body.
const UNPARSED_BODY_PREFIX: &str = "failed to parse:\n\n ";
/// Maximum length of a message, in characters.
const MAX_MESSAGE: usize = 200;
/// Texts that identify a transient error. The crate drops the HTTP status, so only the message is available.
const TRANSIENT: [&str; 7] =
    ["rate limit", "try again", "general error", "server error", "timeout", "temporarily", "unavailable"];

/// Errors of a call.
#[derive(Debug, thiserror::Error)]
pub(super) enum CloudinaryError {
    #[error("Cloudinary did not answer within {0:?}")]
    TimedOut(Duration),
    #[error("Cloudinary is unreachable")]
    Unreachable(#[source] Source),
    #[error("the connection to Cloudinary was interrupted")]
    Interrupted(#[source] Source),
    #[error("Cloudinary returned an unexpected response")]
    UnexpectedResponse,
    #[error("Cloudinary returned a transient error: {0}")]
    Transient(String),
    #[error("Cloudinary rejected the request: {0}")]
    Rejected(String),
    #[error("Cloudinary stored the picture under another name; check the upload settings of the account")]
    WrongName,
    #[error("Cloudinary returned a picture larger than any that was stored")]
    PictureTooLarge,
    #[error("the task of the call to Cloudinary failed")]
    TaskFailed(#[source] io::Error),
}

impl CloudinaryError {
    /// Classifies the status of a response without a picture.
    pub(super) fn from_status(status: u16) -> Self {
        let message = format!("status {status}");
        if status >= 500 || matches!(status, 408 | 420 | 429) {
            Self::Transient(message)
        } else {
            Self::Rejected(message)
        }
    }

    /// Classifies an error message of Cloudinary. Replaces the texts of `private` in it.
    pub(super) fn from_message(message: &str, private: &[&str]) -> Self {
        let message = private.iter().fold(message.to_owned(), |text, word| text.replace(word, "[hidden]"));
        let message: String =
            message.chars().map(|each| if each.is_control() { ' ' } else { each }).take(MAX_MESSAGE).collect();
        let lower = message.to_lowercase();
        if TRANSIENT.iter().any(|words| lower.contains(words)) {
            Self::Transient(message)
        } else {
            Self::Rejected(message)
        }
    }
}

impl From<CloudinaryError> for PictureStoreError {
    fn from(error: CloudinaryError) -> Self {
        match error {
            CloudinaryError::Rejected(_) | CloudinaryError::WrongName | CloudinaryError::PictureTooLarge => {
                Self::Rejected(error.into())
            }
            CloudinaryError::TimedOut(_)
            | CloudinaryError::Unreachable(_)
            | CloudinaryError::Interrupted(_)
            | CloudinaryError::UnexpectedResponse
            | CloudinaryError::Transient(_)
            | CloudinaryError::TaskFailed(_) => Self::Unavailable(error.into()),
        }
    }
}

/// Returns the JSON of a response that the types of the crate could not parse; its error contains the body as text.
pub(super) fn unparsed_json(crate_error: &str) -> Option<serde_json::Value> {
    serde_json::from_str(crate_error.strip_prefix(UNPARSED_BODY_PREFIX)?).ok()
}
