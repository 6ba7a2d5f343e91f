//! Every code an error can have, with its status and words. The only place where HTTP statuses of
//! errors are named.

use actix_web::http::{
    StatusCode,
    header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
};

/// Seconds after which a client may try again when the service is busy or its database away.
const BUSY_RETRY_SECONDS: &str = "2";

macro_rules! codes {
    ($($name:ident $text:literal $status:ident $detail:literal;)+) => {
        /// What an error is, for programs. Stable once released.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Code {
            $(#[doc = $detail] $name,)+
        }

        impl Code {
            /// The stable, kebab-case text.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The HTTP status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// What happened, for people, when there is nothing more exact to say.
            pub(crate) const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)+ }
            }
        }
    };
}

codes! {
    BadRequest "bad-request" BAD_REQUEST "The request could not be understood.";
    MalformedJson "malformed-json" BAD_REQUEST "The body is not valid JSON in UTF-8.";
    TokenInvalid "token-invalid" BAD_REQUEST "The link or token was used, has expired, or never existed. Ask for a new mail.";
    Unauthenticated "unauthenticated" UNAUTHORIZED "Send an access token in the Authorization header, after the word Bearer.";
    AccessTokenInvalid "access-token-invalid" UNAUTHORIZED "The access token has expired, was revoked, or is not one. Refresh it or sign in.";
    InvalidCredentials "invalid-credentials" UNAUTHORIZED "The e-mail address or the password is wrong.";
    RefreshTokenInvalid "refresh-token-invalid" UNAUTHORIZED "The refresh token has expired, was revoked, or is not one. Sign in again.";
    EmailNotVerified "email-not-verified" FORBIDDEN "The e-mail address is not verified yet. Follow the link in the mail, or ask for a new one.";
    NotFound "not-found" NOT_FOUND "There is nothing at this address.";
    ContactNotFound "contact-not-found" NOT_FOUND "You have no such contact.";
    SessionNotFound "session-not-found" NOT_FOUND "You have no such session.";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "This method is not possible here; the Allow header names those that are.";
    NotAcceptable "not-acceptable" NOT_ACCEPTABLE "The answer cannot be given in the form asked for.";
    RequestTimeout "request-timeout" REQUEST_TIMEOUT "The request took too long to arrive.";
    EmailTaken "email-taken" CONFLICT "The e-mail address has an account. Sign in, or reset its password.";
    ContactLimitReached "contact-limit-reached" CONFLICT "The address book is full. Delete a contact first.";
    IdempotencyKeySpent "idempotency-key-spent" CONFLICT "What the Idempotency-Key made was deleted. Take another key to make it anew.";
    ContactChanged "contact-changed" PRECONDITION_FAILED "The contact was changed since you read it. Get it again, then repeat your change.";
    PreconditionFailed "precondition-failed" PRECONDITION_FAILED "The condition of the request does not hold.";
    BodyTooLarge "body-too-large" PAYLOAD_TOO_LARGE "The body is too large.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The body must have another media type.";
    UnsupportedPicture "unsupported-picture" UNSUPPORTED_MEDIA_TYPE "The file must be a JPEG or PNG picture, whatever its name says.";
    RangeNotSatisfiable "range-not-satisfiable" RANGE_NOT_SATISFIABLE "The file has no such bytes.";
    InvalidBody "invalid-body" UNPROCESSABLE_ENTITY "The body has faults; see errors.";
    BatchRefused "batch-refused" UNPROCESSABLE_ENTITY "Nothing was changed: some operations cannot be; see errors.";
    InvalidParameters "invalid-parameters" UNPROCESSABLE_ENTITY "The parameters have faults; see errors.";
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY "The Idempotency-Key was used for another request within 24 hours. Take a new key for each thing you want done.";
    InvalidPicture "invalid-picture" UNPROCESSABLE_ENTITY "The picture is damaged.";
    PictureTooLarge "picture-too-large" UNPROCESSABLE_ENTITY "The picture has too many pixels.";
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS "Too many requests. Wait as long as Retry-After says.";
    Internal "internal" INTERNAL_SERVER_ERROR "Something went wrong on our side. Please report the request_id.";
    PictureStoreRefused "picture-store-refused" BAD_GATEWAY "The picture store refused the picture. Please report the request_id.";
    PictureStoreUnavailable "picture-store-unavailable" SERVICE_UNAVAILABLE "The picture store is away. Nothing was changed; try again soon.";
    Busy "busy" SERVICE_UNAVAILABLE "The service is busy. Try again soon.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "A part of the service is away. Try again soon.";
}

impl Code {
    /// The code for an error that some library answered by itself.
    pub(crate) fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthenticated,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::NOT_ACCEPTABLE => Self::NotAcceptable,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PRECONDITION_FAILED => Self::PreconditionFailed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::RANGE_NOT_SATISFIABLE => Self::RangeNotSatisfiable,
            StatusCode::TOO_MANY_REQUESTS => Self::TooManyRequests,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy,
            status if status.is_server_error() => Self::Internal,
            _ => Self::BadRequest,
        }
    }

    /// Headers that the code itself demands (RFC 6750, 3; RFC 9110, 10.2.3).
    pub(crate) fn headers(self) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Self::AccessTokenInvalid => {
                vec![(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"contacts\", error=\"invalid_token\""))]
            }
            _ if self.status() == StatusCode::UNAUTHORIZED => {
                vec![(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"contacts\""))]
            }
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => {
                vec![(RETRY_AFTER, HeaderValue::from_static(BUSY_RETRY_SECONDS))]
            }
            _ => Vec::new(),
        }
    }
}
