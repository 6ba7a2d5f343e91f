//! Collection of all errors of a body: deserr continues after the first one.

use std::{convert::Infallible, ops::ControlFlow};

use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef};
use domain::contact::{CardError, JsonType, pointer_token};

use crate::problem::{FieldError, Problem, Rejection};

/// The errors found so far, in the order of the fields.
#[derive(Debug, Default)]
pub(crate) struct BodyErrors(Vec<FieldError>);

impl BodyErrors {
    /// The maximum number of collected errors: a response contains no more.
    pub(crate) const MAX: usize = Problem::MAX_ERRORS;

    /// Creates the error of a rejected value.
    pub(crate) fn invalid(rejection: &impl Rejection, location: ValuePointerRef<'_>) -> Self {
        Self(vec![FieldError::invalid(pointer(location), rejection)])
    }

    /// Creates an error with its own code and detail.
    pub(crate) fn new(location: ValuePointerRef<'_>, code: &'static str, detail: String) -> Self {
        Self(vec![FieldError::new(pointer(location), code, detail)])
    }

    /// Creates the errors of a card at a position of the body.
    pub(crate) fn of_card(errors: &[CardError], location: ValuePointerRef<'_>) -> Self {
        let prefix = pointer(location);
        Self(errors.iter().map(|error| FieldError::of_card(error).with_prefix(&prefix)).collect())
    }

    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.0
    }

    fn and(mut self, more: Self) -> ControlFlow<Self, Self> {
        let room = Self::MAX.saturating_sub(self.0.len());
        self.0.extend(more.0.into_iter().take(room));
        if self.0.len() < Self::MAX { ControlFlow::Continue(self) } else { ControlFlow::Break(self) }
    }
}

impl MergeWithError<Self> for BodyErrors {
    fn merge(self_: Option<Self>, other: Self, _location: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        self_.unwrap_or_default().and(other)
    }
}

impl DeserializeError for BodyErrors {
    fn error<V: IntoValue>(
        self_: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let field_error = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let expected: Vec<JsonType> = accepted.iter().map(|kind| json_type(*kind)).collect();
                FieldError::wrong_type(pointer(location), &expected, json_type(actual.kind()))
            }
            ErrorKind::MissingField { field } => FieldError::missing(pointer(location.push_key(field))),
            ErrorKind::UnknownKey { key, accepted } => {
                FieldError::unknown_field(pointer(location.push_key(key)), accepted)
            }
            ErrorKind::UnknownValue { accepted, .. } => {
                let detail = format!("must be one of: {}", accepted.join(", "));
                FieldError::new(pointer(location), "unknown-value", detail)
            }
            ErrorKind::BadSequenceLen { expected, .. } => {
                FieldError::new(pointer(location), "wrong-length", format!("must have {expected} items"))
            }
            ErrorKind::Unexpected { msg } => FieldError::new(pointer(location), "invalid", msg),
        };
        self_.unwrap_or_default().and(Self(vec![field_error]))
    }
}

impl MergeWithError<Infallible> for BodyErrors {
    fn merge(_: Option<Self>, other: Infallible, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        match other {}
    }
}

/// Converts a location to a JSON pointer (RFC 6901).
fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            format!("{}/{}", pointer(*prev), pointer_token(key))
        }
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

fn json_type(kind: ValueKind) -> JsonType {
    match kind {
        ValueKind::Null => JsonType::Null,
        ValueKind::Boolean => JsonType::Boolean,
        ValueKind::Integer | ValueKind::NegativeInteger => JsonType::Integer,
        ValueKind::Float => JsonType::Number,
        ValueKind::String => JsonType::String,
        ValueKind::Sequence => JsonType::Array,
        ValueKind::Map => JsonType::Object,
    }
}
