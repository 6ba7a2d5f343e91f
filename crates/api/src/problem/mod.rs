//! Problem details (RFC 9457): the format of every error response.

mod codes;
pub(crate) mod documented;
mod field_error;
mod from_app_passwords;
mod from_card_resources;
mod from_contacts;
mod from_use_cases;
mod invalid_parameter;
pub(crate) mod limit_fields;

use std::{borrow::Cow, convert::Infallible, fmt, io};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, WWW_AUTHENTICATE},
    },
};
use domain::{
    app_password::Scope,
    contact::CardError,
    error::{Source, with_causes},
};
use serde::Serialize;
use tokio::task::JoinError;
use utoipa::ToSchema;

use crate::request_id;

pub(crate) use self::{
    codes::Code,
    field_error::{FieldError, Rejection},
    invalid_parameter::InvalidParameter,
};

/// The media type of every error response.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The body of every error response.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem", description = "Problem details (RFC 9457).")]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`. `code` identifies the error.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The name of the HTTP status.
    #[schema(example = "Unprocessable Entity")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// A description of the error, for people.
    #[schema(example = "The body is invalid; see errors.")]
    detail: &'a str,
    /// A stable, machine-readable code in kebab-case.
    #[schema(example = "invalid-body")]
    code: &'static str,
    /// The id of the request in the log of the service.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    request_id: &'a str,
    /// All errors in the request, for codes that report several. At most 100.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

/// An error to send to the client. The cause is logged, not sent.
pub(crate) struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Source>,
}

impl Problem {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.detail()), errors: Vec::new(), headers: Vec::new(), cause: None }
    }

    /// The maximum number of errors in one response. It bounds the size of the response.
    pub(crate) const MAX_ERRORS: usize = CardError::MAX_REPORTED;

    /// Creates a problem with all errors of the body.
    pub(crate) fn body(errors: Vec<FieldError>) -> Self {
        Self::new(Code::InvalidBody).with_errors(errors)
    }

    fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self.errors.truncate(Self::MAX_ERRORS);
        self
    }

    /// Creates a problem with all errors of the operations of a batch.
    pub(crate) fn batch(errors: Vec<FieldError>) -> Self {
        Self::new(Code::BatchRejected).with_errors(errors)
    }

    /// Creates a problem for an app password that is not sufficient for the operation (RFC 6750, 3.1). `None`: the
    /// operation requires a session.
    pub(crate) fn insufficient_scope(required: Option<Scope>) -> Self {
        let problem = Self::new(Code::InsufficientScope);
        let Some(scope) = required else { return problem };
        let problem =
            problem.with_detail(format!("The app password does not have the scope {scope}. Create one with it."));
        let challenge = format!("Bearer realm=\"contacts\", error=\"insufficient_scope\", scope=\"{scope}\"");
        match HeaderValue::from_str(&challenge) {
            Ok(challenge) => problem.with_header(WWW_AUTHENTICATE, challenge),
            Err(_) => problem,
        }
    }

    /// Creates a problem with all errors of the path or query parameters.
    pub(crate) fn parameters(errors: Vec<FieldError>) -> Self {
        Self::new(Code::InvalidParameters).with_errors(errors.into_iter().map(FieldError::into_parameter).collect())
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn with_cause(mut self, cause: impl Into<Source>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// Returns the cause and its sources in one line, for the log.
    pub(crate) fn cause(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| with_causes(cause))
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Problem({})", self.code.as_str())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        for header in self.code.headers() {
            response.insert_header(header);
        }
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.content_type(PROBLEM_JSON).json(ProblemBody {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            request_id: &request_id::current(),
            errors: &self.errors,
        })
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        // As an `io::Error` it lacks the message of the panic, which may contain what the client sent.
        Self::new(Code::Internal).with_cause(io::Error::from(error))
    }
}

impl From<Infallible> for Problem {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
