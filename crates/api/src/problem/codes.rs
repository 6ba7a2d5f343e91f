//! All error codes, with their HTTP status and default detail. The HTTP statuses of errors are defined only here.

use actix_web::http::{
    StatusCode,
    header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
};

/// The `Retry-After` in seconds when the service is busy or a component is unavailable.
const BUSY_RETRY_SECONDS: &str = "2";

macro_rules! codes {
    ($($name:ident $text:literal $status:ident $detail:literal;)+) => {
        /// A stable, machine-readable error code. A released code never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Code {
            $(#[doc = $detail] $name,)+
        }

        impl Code {
            /// Returns the code in kebab-case.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// Returns the HTTP status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            /// Returns the default detail, for errors without a more specific one.
            pub(crate) const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)+ }
            }
        }
    };
}

codes! {
    BadRequest "bad-request" BAD_REQUEST "The request is malformed.";
    MalformedJson "malformed-json" BAD_REQUEST "The body is not valid JSON in UTF-8.";
    TokenInvalid "token-invalid" BAD_REQUEST "The link or token is invalid, expired or already used. Request a new mail.";
    Unauthenticated "unauthenticated" UNAUTHORIZED "Authentication is required. Send an access token in the Authorization header, with the scheme Bearer.";
    AccessTokenInvalid "access-token-invalid" UNAUTHORIZED "The access token is invalid, expired or revoked. Refresh it or sign in.";
    AppPasswordInvalid "app-password-invalid" UNAUTHORIZED "The app password is unknown, expired or ended. Create another one.";
    InvalidCredentials "invalid-credentials" UNAUTHORIZED "The e-mail address or the password is wrong.";
    RefreshTokenInvalid "refresh-token-invalid" UNAUTHORIZED "The refresh token is invalid, expired or revoked. Sign in again.";
    EmailNotVerified "email-not-verified" FORBIDDEN "The e-mail address is not verified. Follow the link in the verification mail, or request a new mail.";
    AccountDisabled "account-disabled" FORBIDDEN "The operator of this service has disabled the account. Ask the operator.";
    RegistrationClosed "registration-closed" FORBIDDEN "This service accepts no registrations. Ask its operator for an account.";
    InvitationRequired "invitation-required" FORBIDDEN "Registration is by invitation. Ask the operator of this service to invite this e-mail address.";
    InsufficientScope "insufficient-scope" FORBIDDEN "An app password is not enough for this operation. Sign in, and send the access token.";
    NotFound "not-found" NOT_FOUND "No resource exists at this path.";
    ContactNotFound "contact-not-found" NOT_FOUND "You have no contact with this id.";
    SessionNotFound "session-not-found" NOT_FOUND "You have no session with this id.";
    AppPasswordNotFound "app-password-not-found" NOT_FOUND "You have no app password with this id.";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED "This path does not support the method. Use a method of the Allow header.";
    NotAcceptable "not-acceptable" NOT_ACCEPTABLE "The response is not available in a form that the Accept headers allow.";
    RequestTimeout "request-timeout" REQUEST_TIMEOUT "The request did not arrive in time.";
    EmailTaken "email-taken" CONFLICT "An account with this e-mail address already exists. Sign in, or reset its password.";
    ContactLimitReached "contact-limit-reached" CONFLICT "The address book is full. Delete a contact first.";
    AppPasswordLimitReached "app-password-limit-reached" CONFLICT "You have the maximum number of app passwords. End one first.";
    IdempotencyKeySpent "idempotency-key-spent" CONFLICT "A contact that this Idempotency-Key created or changed was deleted. Use a new key to repeat the request.";
    SyncTokenExpired "sync-token-expired" GONE "The changes after this token are no longer known. Remove your copy, and begin again without since.";
    ContactChanged "contact-changed" PRECONDITION_FAILED "The contact has changed since you read it. Read it again, then repeat your change.";
    PreconditionFailed "precondition-failed" PRECONDITION_FAILED "A condition in the request headers is not met.";
    BodyTooLarge "body-too-large" PAYLOAD_TOO_LARGE "The body is too large.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The media type of the body is not supported.";
    UnsupportedPicture "unsupported-picture" UNSUPPORTED_MEDIA_TYPE "The file is not a JPEG or PNG picture. The content determines the format, not the file name.";
    RangeNotSatisfiable "range-not-satisfiable" RANGE_NOT_SATISFIABLE "The requested range is outside the file.";
    InvalidBody "invalid-body" UNPROCESSABLE_ENTITY "The body is invalid; see errors.";
    BatchRejected "batch-refused" UNPROCESSABLE_ENTITY "Nothing was changed: some operations are invalid; see errors.";
    InvalidParameters "invalid-parameters" UNPROCESSABLE_ENTITY "The parameters are invalid; see errors.";
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY "The Idempotency-Key was used for a different request in the last 24 hours. Use a new key for each new request.";
    InvalidPicture "invalid-picture" UNPROCESSABLE_ENTITY "The picture is damaged. Send another file.";
    PictureTooLarge "picture-too-large" UNPROCESSABLE_ENTITY "The picture has too many pixels, or decoding it takes too much memory. Make it smaller.";
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS "Too many requests. Wait for the number of seconds in Retry-After.";
    Internal "internal" INTERNAL_SERVER_ERROR "An internal error occurred. Please report the request_id.";
    PictureStoreRejected "picture-store-refused" BAD_GATEWAY "The picture store rejected the picture. Please report the request_id.";
    PictureStoreUnavailable "picture-store-unavailable" SERVICE_UNAVAILABLE "The picture store is unavailable. Nothing was changed; try again soon.";
    Busy "busy" SERVICE_UNAVAILABLE "The service is busy. Try again soon.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE "A required component is unavailable. Try again soon.";
}

impl Code {
    /// Returns the code for an error response that a library created.
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

    /// Returns the headers that the code requires (RFC 6750, 3; RFC 9110, 10.2.3).
    pub(crate) fn headers(self) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Self::AccessTokenInvalid | Self::AppPasswordInvalid => {
                vec![(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"contacts\", error=\"invalid_token\""))]
            }
            Self::InsufficientScope => {
                let challenge = "Bearer realm=\"contacts\", error=\"insufficient_scope\"";
                vec![(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))]
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
