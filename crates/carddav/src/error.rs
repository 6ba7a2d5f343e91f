//! Errors of requests. No message repeats text of a request.

use thiserror::Error;

use crate::{limits::MAX_BODY_BYTES, precondition::Precondition};

/// Error of a request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// See [`MAX_BODY_BYTES`].
    #[error("the body has more than {MAX_BODY_BYTES} bytes")]
    BodyTooLarge,
    /// The body is not XML, or XML that is not served.
    #[error("the body is no valid XML: {0}")]
    Xml(#[from] XmlError),
    /// The body is XML, but not the one that the method expects.
    #[error("{0}")]
    Unexpected(&'static str),
    /// The request asks for something that the server does not have. The answer is an error document.
    #[error("the request asks for something that this resource does not have")]
    Precondition(Precondition),
}

/// Error of a text that is not XML, or XML that is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum XmlError {
    /// The text is neither UTF-8 nor UTF-16.
    #[error("it must be UTF-8 or UTF-16")]
    Encoding,
    /// A tag, a reference or a comment is wrong, or an end tag is missing.
    #[error("it is not well-formed")]
    Syntax,
    /// The document has a DOCTYPE.
    #[error("it must have no DOCTYPE")]
    DocumentType,
    /// An entity is none of the five predefined ones.
    #[error("it has an unknown entity")]
    UnknownEntity,
    /// A prefix has no namespace.
    #[error("it has a prefix without a namespace")]
    UndeclaredPrefix,
    /// A name has characters that no name has, or it is too long.
    #[error("it has an invalid name")]
    Name,
    /// XML does not allow a character.
    #[error("it has a character that XML does not allow")]
    Character,
    /// Elements are nested too deeply, or an element has too many attributes.
    #[error("it has too many elements inside each other, or too many attributes")]
    Limit,
}

/// Error of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HeaderError {
    /// See [`Depth`](crate::Depth).
    #[error("the header Depth must be 0, 1 or infinity")]
    Depth,
    /// See [`EntityTags`](crate::EntityTags).
    #[error("the headers If-Match and If-None-Match must be * or a list of entity tags")]
    EntityTags,
}
