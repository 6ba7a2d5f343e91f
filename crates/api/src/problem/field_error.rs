//! One error in a request: its position, its code and its text.

use std::borrow::Cow;

use domain::{contact::JsonType, text::Invalid};
use serde::Serialize;
use utoipa::ToSchema;

/// One error in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The position in the body, as a JSON pointer (RFC 6901). The empty pointer is the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/email")]
    pub pointer: Option<String>,
    /// The name of the path or query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    pub parameter: Option<String>,
    /// A stable, machine-readable code.
    #[schema(example = "invalid-email")]
    pub code: Cow<'static, str>,
    /// A description of the error and its fix, for people.
    #[schema(example = "must be an e-mail address like name@example.com")]
    pub detail: String,
}

/// Rejection of a value.
pub(crate) trait Rejection {
    /// Returns the stable code.
    fn code(&self) -> &'static str;

    /// Returns a description for people, with the values that are accepted.
    fn detail(&self) -> String;
}

impl Rejection for Invalid {
    fn code(&self) -> &'static str {
        Self::code(self)
    }

    fn detail(&self) -> String {
        self.to_string()
    }
}

impl FieldError {
    /// Creates the error of a rejected value at a position of the body.
    pub(crate) fn invalid(pointer: impl Into<String>, rejection: &impl Rejection) -> Self {
        Self::new(pointer.into(), rejection.code(), rejection.detail())
    }

    /// Creates an error with its own code and detail, for example of a missing field or a wrong type.
    pub(crate) fn new(pointer: String, code: &'static str, detail: String) -> Self {
        Self { pointer: Some(pointer), parameter: None, code: Cow::Borrowed(code), detail }
    }

    /// Adds a prefix to the pointer.
    pub(crate) fn with_prefix(self, prefix: &str) -> Self {
        Self { pointer: self.pointer.map(|pointer| format!("{prefix}{pointer}")), ..self }
    }

    /// Converts an error of the body to an error of the parameter whose name is the pointer (RFC 6901, 4).
    pub(crate) fn into_parameter(self) -> Self {
        let name =
            |pointer: String| pointer.strip_prefix('/').unwrap_or(&pointer).replace("~1", "/").replace("~0", "~");
        let name = self.pointer.map(name);
        Self { pointer: None, parameter: name, ..self }
    }

    /// Creates the error of a value of another JSON type. `expected` has the accepted types.
    pub(crate) fn wrong_type(pointer: String, expected: &[JsonType], found: JsonType) -> Self {
        let expected = expected.iter().map(JsonType::to_string).collect::<Vec<_>>().join(" or ");
        Self::new(pointer, "wrong-type", format!("must be {expected}, not {found}"))
    }

    /// Creates the error of an absent field.
    pub(crate) fn missing(pointer: String) -> Self {
        Self::new(pointer, "missing", "is required".to_owned())
    }

    /// Creates the error of an unknown field. `allowed` has the names of all fields.
    pub(crate) fn unknown_field(pointer: String, allowed: &[&str]) -> Self {
        Self::new(pointer, "unknown-field", format!("is an unknown field; allowed are: {}", allowed.join(", ")))
    }
}
