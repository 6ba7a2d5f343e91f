//! What can go wrong in a call to Cloudinary, without a word of the answer's body but its own message.

use std::{io, time::Duration};

use domain::{picture::PictureStoreError, store::Source};

/// How the `cloudinary` crate begins the error that carries a body it could not read.
const UNREAD_BODY_PREFIX: &str = "failed to parse:\n\n ";
const LONGEST_MESSAGE: usize = 200;
/// The crate throws the HTTP status away, so a passing fault is told by Cloudinary's words.
const PASSING: [&str; 7] =
    ["rate limit", "try again", "general error", "server error", "timeout", "temporarily", "unavailable"];

/// Why a call has not done its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum CloudinaryFault {
    #[error("Cloudinary did not answer within {0:?}")]
    TimedOut(Duration),
    #[error("Cloudinary could not be reached")]
    Unreachable(#[source] Source),
    #[error("the connection to Cloudinary broke")]
    Interrupted(#[source] Source),
    #[error("Cloudinary's answer is not what its documentation says")]
    Unreadable,
    #[error("Cloudinary answered with a passing fault: {0}")]
    Passing(String),
    #[error("Cloudinary refused: {0}")]
    Refused(String),
    #[error("Cloudinary kept the picture under another name; look at the upload settings of the account")]
    Misplaced,
    #[error("the call to Cloudinary broke off")]
    BrokeOff(#[source] io::Error),
}

impl CloudinaryFault {
    /// Sorts what Cloudinary says when it refuses. `private` never gets into the message.
    pub(super) fn said(message: &str, private: &[&str]) -> Self {
        let message = private.iter().fold(message.to_owned(), |text, word| text.replace(word, "[hidden]"));
        let message: String =
            message.chars().map(|each| if each.is_control() { ' ' } else { each }).take(LONGEST_MESSAGE).collect();
        let lower = message.to_lowercase();
        if PASSING.iter().any(|words| lower.contains(words)) { Self::Passing(message) } else { Self::Refused(message) }
    }
}

impl From<CloudinaryFault> for PictureStoreError {
    fn from(fault: CloudinaryFault) -> Self {
        match fault {
            CloudinaryFault::Refused(_) | CloudinaryFault::Misplaced => Self::Refused(fault.into()),
            CloudinaryFault::TimedOut(_)
            | CloudinaryFault::Unreachable(_)
            | CloudinaryFault::Interrupted(_)
            | CloudinaryFault::Unreadable
            | CloudinaryFault::Passing(_)
            | CloudinaryFault::BrokeOff(_) => Self::Unavailable(fault.into()),
        }
    }
}

/// The JSON of an answer that the crate's own types were too narrow for; its error carries the body as text.
pub(super) fn unread_json(crate_error: &str) -> Option<serde_json::Value> {
    serde_json::from_str(crate_error.strip_prefix(UNREAD_BODY_PREFIX)?).ok()
}
