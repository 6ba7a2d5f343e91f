//! All faults of a body at once: deserr goes on after the first.

use std::{convert::Infallible, ops::ControlFlow};

use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef};
use domain::text::Invalid;

use crate::problem::{Fault, Problem};

/// The faults found so far, in the order of the fields.
#[derive(Debug, Default)]
pub(crate) struct BodyFaults(Vec<Fault>);

impl BodyFaults {
    /// Looking for more than are told is of no use.
    pub(crate) const MAX: usize = Problem::MAX_FAULTS;

    /// A value that was refused.
    pub(crate) fn refused(invalid: &Invalid, location: ValuePointerRef<'_>) -> Self {
        Self(vec![Fault::at(pointer(location), invalid)])
    }

    /// A value that is refused by a rule of HTTP.
    pub(crate) fn of_form(location: ValuePointerRef<'_>, code: &'static str, detail: String) -> Self {
        Self(vec![Fault::of_form(pointer(location), code, detail)])
    }

    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.0
    }

    fn and(mut self, more: Self) -> ControlFlow<Self, Self> {
        let room = Self::MAX.saturating_sub(self.0.len());
        self.0.extend(more.0.into_iter().take(room));
        if self.0.len() < Self::MAX { ControlFlow::Continue(self) } else { ControlFlow::Break(self) }
    }
}

impl MergeWithError<Self> for BodyFaults {
    fn merge(self_: Option<Self>, other: Self, _location: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        self_.unwrap_or_default().and(other)
    }
}

impl DeserializeError for BodyFaults {
    fn error<V: IntoValue>(
        self_: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let fault = match error {
            ErrorKind::IncorrectValueKind { actual, accepted } => {
                let wanted = accepted.iter().map(|kind| kind_name(*kind)).collect::<Vec<_>>().join(" or ");
                let found = kind_name(actual.kind());
                Fault::of_form(pointer(location), "wrong-type", format!("must be {wanted}, not {found}"))
            }
            ErrorKind::MissingField { field } => {
                Fault::of_form(pointer(location.push_key(field)), "missing", "must be given".to_owned())
            }
            ErrorKind::UnknownKey { key, accepted } => {
                let detail = format!("is not known here; known are: {}", accepted.join(", "));
                Fault::of_form(pointer(location.push_key(key)), "unknown-field", detail)
            }
            ErrorKind::UnknownValue { accepted, .. } => {
                let detail = format!("must be one of: {}", accepted.join(", "));
                Fault::of_form(pointer(location), "unknown-value", detail)
            }
            ErrorKind::BadSequenceLen { expected, .. } => {
                Fault::of_form(pointer(location), "wrong-length", format!("must have {expected} items"))
            }
            ErrorKind::Unexpected { msg } => Fault::of_form(pointer(location), "invalid", msg),
        };
        self_.unwrap_or_default().and(Self(vec![fault]))
    }
}

impl MergeWithError<Infallible> for BodyFaults {
    fn merge(_: Option<Self>, other: Infallible, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        match other {}
    }
}

/// Characters of a name that are told.
const MAX_KEY: usize = 100;

/// As a JSON pointer (RFC 6901).
fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            // A name that no field has may be as long as the body.
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
