//! Problem details (RFC 9457): the one form of every error, whatever layer it comes from.

mod codes;
mod from_contacts;
mod from_use_cases;

use std::{borrow::Cow, convert::Infallible, fmt};

use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};
use domain::{store::Source, text::Invalid};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::codes::Code;

/// The media type of every error.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// Where in the body: a JSON pointer (RFC 6901). The empty pointer is the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/email")]
    pub pointer: Option<String>,
    /// Which parameter of the path or the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub parameter: Option<String>,
    /// Stable, for programs.
    #[schema(example = "invalid-email")]
    pub code: Cow<'static, str>,
    /// What is wrong and how to mend it, for people.
    #[schema(example = "must be an e-mail address like name@example.com")]
    pub detail: String,
}

impl Fault {
    /// A value at a place of the body.
    pub(crate) fn at(pointer: impl Into<String>, invalid: &Invalid) -> Self {
        let detail = invalid.to_string();
        Self { pointer: Some(pointer.into()), parameter: None, code: Cow::Borrowed(invalid.code()), detail }
    }

    /// A fault of form: a missing field, a wrong type.
    pub(crate) fn of_form(pointer: String, code: &'static str, detail: String) -> Self {
        Self { pointer: Some(pointer), parameter: None, code: Cow::Borrowed(code), detail }
    }

    /// The same fault, of a part of the body at that place.
    pub(crate) fn below(self, place: &str) -> Self {
        Self { pointer: self.pointer.map(|pointer| format!("{place}{pointer}")), ..self }
    }

    /// The same fault, of a parameter instead of the body.
    pub(crate) fn into_parameter(self) -> Self {
        let name = self.pointer.map(|pointer| pointer.trim_start_matches('/').to_owned());
        Self { pointer: None, parameter: name, ..self }
    }
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Problem", description = "Problem details (RFC 9457).")]
pub(crate) struct ProblemBody {
    /// Always `about:blank`: `code` says more than the status.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened, for people.
    #[schema(example = "The body has faults; see errors.")]
    detail: String,
    /// What happened, for programs: stable, kebab-case.
    #[schema(example = "invalid-body")]
    code: &'static str,
    /// Names the request in the service's log.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    request_id: String,
    /// All faults of the request, where there can be several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

/// An error on its way to the client. The cause goes to the log only.
pub(crate) struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<Fault>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Source>,
}

impl Problem {
    pub(crate) fn new(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.detail()), errors: Vec::new(), headers: Vec::new(), cause: None }
    }

    /// The most faults that are told at once: enough for people, bounded for programs.
    pub(crate) const MAX_FAULTS: usize = 100;

    /// Faults of the body, all at once.
    pub(crate) fn body(errors: Vec<Fault>) -> Self {
        Self::new(Code::InvalidBody).with_faults(errors)
    }

    fn with_faults(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self.errors.truncate(Self::MAX_FAULTS);
        self
    }

    /// Faults of operations, all at once.
    pub(crate) fn batch(errors: Vec<Fault>) -> Self {
        Self::new(Code::BatchRefused).with_faults(errors)
    }

    /// Faults of the path or the query, all at once.
    pub(crate) fn parameters(errors: Vec<Fault>) -> Self {
        Self::new(Code::InvalidParameters).with_faults(errors.into_iter().map(Fault::into_parameter).collect())
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

    /// The cause and its causes in one line, for the log.
    pub(crate) fn cause(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| cause_of(cause))
    }

    /// The answer, naming its request.
    pub(crate) fn respond(&self, request_id: &str) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponseBuilder::new(status);
        for header in self.code.headers() {
            response.insert_header(header);
        }
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.content_type(PROBLEM_JSON).json(ProblemBody {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: self.code.as_str(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        })
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

    /// Carries the problem in the response; [`envelope`](crate::envelope) writes it, since only
    /// there the request's id is known.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        let copy = Self {
            code: self.code,
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            headers: self.headers.clone(),
            cause: self.cause().map(Source::from),
        };
        response.extensions_mut().insert(CarriedProblem(std::sync::Arc::new(copy)));
        response
    }
}

impl From<Infallible> for Problem {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A problem inside a response, waiting to be written.
#[derive(Clone)]
pub(crate) struct CarriedProblem(pub(crate) std::sync::Arc<Problem>);

/// An error and its causes in one line, for the log.
pub(crate) fn cause_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
