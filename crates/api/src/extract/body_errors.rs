//! Collection of all errors of a body: deserr continues after the first one.

use std::{convert::Infallible, ops::ControlFlow};

use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef};
use domain::contact::CardError;

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
                let expected = accepted.iter().map(|kind| kind_name(*kind)).collect::<Vec<_>>().join(" or ");
                let found = kind_name(actual.kind());
                FieldError::new(pointer(location), "wrong-type", format!("must be {expected}, not {found}"))
            }
            ErrorKind::MissingField { field } => {
                FieldError::new(pointer(location.push_key(field)), "missing", "is required".to_owned())
            }
            ErrorKind::UnknownKey { key, accepted } => {
                let detail = format!("is an unknown field; allowed are: {}", accepted.join(", "));
                FieldError::new(pointer(location.push_key(key)), "unknown-field", detail)
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

/// The maximum number of characters of a field name in a pointer.
const MAX_KEY: usize = 100;

/// Converts a location to a JSON pointer (RFC 6901).
fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            // An unknown field name may be as long as the body.
            let key: String = key.chars().take(MAX_KEY).collect();
            format!("{}/{}", pointer(*prev), key.replace('~', "~0").replace('/', "~1"))
        }
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

fn kind_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "a boolean",
        ValueKind::Integer | ValueKind::NegativeInteger => "an integer",
        ValueKind::Float => "a number",
        ValueKind::String => "a string",
        ValueKind::Sequence => "an array",
        ValueKind::Map => "an object",
    }
}
