//! Problems in the OpenAPI document: for each group of routes, one response for each code.

use std::collections::BTreeMap;

use domain::{contact::ContactQuery, text::Invalid};
use serde_json::{Value, json};
use utoipa::{
    IntoResponses,
    openapi::{Content, Header, Ref, RefOr, Response, ResponseBuilder, example::ExampleBuilder},
};

use super::{Code, FieldError, InvalidParameter, PROBLEM_JSON};

/// The response headers of rate limits.
pub(crate) const LIMIT_HEADERS: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($code:ident),+;)+) => { $(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                responses_of(&[$(Code::$code),+])
            }
        }
    )+ };
}

problems! {
    /// Errors of a route that requires a credential.
    AuthProblems: BadRequest, Unauthenticated, AccessTokenInvalid, AppPasswordInvalid, EmailNotVerified,
        InsufficientScope, InvalidParameters;
    /// Errors of a route with a JSON body.
    BodyProblems: BadRequest, MalformedJson, RequestTimeout, BodyTooLarge, UnsupportedMediaType, InvalidBody,
        InvalidParameters;
    /// Errors of a route with an upload.
    UploadProblems: BadRequest, RequestTimeout, BodyTooLarge, UnsupportedMediaType, UnsupportedPicture, InvalidBody,
        InvalidPicture, PictureTooLarge, PictureStoreRejected, PictureStoreUnavailable;
    /// Errors of a route that reads photos.
    PhotoProblems: PictureStoreRejected, PictureStoreUnavailable;
    /// Errors of a route that accepts a token from a mail.
    TokenProblems: TokenInvalid;
    /// Errors of a route that assigns an e-mail address.
    EmailTakenProblem: EmailTaken;
    /// Errors of a registration that the operator does not allow.
    RegistrationProblems: RegistrationClosed, InvitationRequired;
    /// Errors of a sign-in.
    CredentialsProblems: InvalidCredentials, EmailNotVerified, AccountDisabled;
    /// Errors of a refresh.
    RefreshProblems: RefreshTokenInvalid;
    /// Errors of a route with query parameters.
    ParameterProblems: InvalidParameters;
    /// Errors of a route of one session.
    SessionProblems: SessionNotFound, InvalidParameters;
    /// Errors of a route that creates an app password.
    AppPasswordLimitProblem: AppPasswordLimitReached;
    /// Errors of a route of one app password.
    AppPasswordProblems: AppPasswordNotFound, InvalidParameters;
    /// Errors of a route of one contact.
    ContactProblems: ContactNotFound, InvalidParameters;
    /// Errors of a route that adds to the address book.
    LimitReachedProblem: ContactLimitReached;
    /// Errors of a route that continues from a sync token.
    SyncTokenProblem: SyncTokenExpired;
    /// Errors of a batch.
    BatchProblems: BatchRejected;
    /// Errors of a route that accepts an idempotency key.
    IdempotencyProblems: BadRequest, IdempotencyKeyReused, IdempotencyKeySpent;
    /// Errors of an import.
    ImportProblems: BadRequest, RequestTimeout, BodyTooLarge, UnsupportedMediaType, InvalidBody, InvalidParameters,
        IdempotencyKeyReused;
    /// Errors of a conditional read.
    /// Errors of a conditional write.
    PreconditionProblems: BadRequest, ContactChanged;
    /// Errors of a rate-limited route.
    LimitProblems: TooManyRequests;
    /// Errors of every route.
    ServerProblems: Internal, Busy, Unavailable;
}

/// Returns one response for each code. The key contains the code, so that groups do not overwrite each other before
/// `openapi` merges the responses of one status.
fn responses_of(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    codes.iter().map(|code| (format!("{} {}", code.status().as_u16(), code.as_str()), response_of(*code))).collect()
}

fn response_of(code: Code) -> RefOr<Response> {
    let mut content = Content::new(Some(Ref::from_schema_name("ProblemBody")));
    let example = ExampleBuilder::new().summary(code.detail()).value(Some(example_of(code))).build();
    content.examples.insert(code.as_str().to_owned(), RefOr::T(example));
    let headers: &[&str] = match code {
        Code::TooManyRequests => &["Retry-After", LIMIT_HEADERS[0], LIMIT_HEADERS[1]],
        Code::UnsupportedMediaType => &["Accept", "Accept-Encoding"],
        Code::Busy | Code::Unavailable | Code::PictureStoreUnavailable => &["Retry-After"],
        Code::Unauthenticated
        | Code::AccessTokenInvalid
        | Code::AppPasswordInvalid
        | Code::InsufficientScope
        | Code::InvalidCredentials
        | Code::RefreshTokenInvalid => &["WWW-Authenticate"],
        _ => &[],
    };
    let response = ResponseBuilder::new()
        .description(format!("`{}`: {}", code.as_str(), code.detail()))
        .content(PROBLEM_JSON, content);
    let response = headers.iter().fold(response, |response, name| response.header(*name, Header::default()));
    RefOr::T(response.build())
}

fn example_of(code: Code) -> Value {
    let status = code.status();
    let mut example = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": code.detail(),
        "code": code.as_str(),
        "request_id": "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27",
    });
    let field_error = match code {
        Code::InvalidBody => Some(FieldError::invalid("/email", &Invalid::NotAnEmail)),
        Code::InvalidParameters => {
            let out_of_range = InvalidParameter::OutOfRange { min: 1, max: ContactQuery::MAX_LIMIT };
            Some(FieldError::invalid("/limit", &out_of_range).into_parameter())
        }
        _ => None,
    };
    if let (Some(field_error), Some(fields)) = (field_error, example.as_object_mut()) {
        fields.insert("errors".to_owned(), json!([field_error]));
    }
    example
}
