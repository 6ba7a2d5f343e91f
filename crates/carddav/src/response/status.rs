//! The element `status` of a response.

/// Status of a resource, or of some of its properties, inside of an answer 207.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// 200: the properties have these values.
    Ok,
    /// 403: the client may not do this.
    Forbidden,
    /// 404: there is no such resource or property. In sync-collection: the card was removed.
    NotFound,
    /// 424: another change of the same request failed (RFC 4918, 11.4).
    FailedDependency,
    /// 507: the answer has not all results (RFC 6578, 3.6).
    InsufficientStorage,
}

impl Status {
    /// Returns the status line.
    pub(super) fn line(self) -> &'static str {
        match self {
            Self::Ok => "HTTP/1.1 200 OK",
            Self::Forbidden => "HTTP/1.1 403 Forbidden",
            Self::NotFound => "HTTP/1.1 404 Not Found",
            Self::FailedDependency => "HTTP/1.1 424 Failed Dependency",
            Self::InsufficientStorage => "HTTP/1.1 507 Insufficient Storage",
        }
    }
}
