//! Reads the JSON of a client into a card, and collects all errors.

use serde_json::{Map, Value};

use super::json_type::JsonType;
use crate::text::Invalid;

/// Error of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardError {
    /// JSON pointer of the invalid value (RFC 6901); empty for an error of the whole card.
    pub pointer: String,
    /// Reason of the error.
    pub reason: CardErrorReason,
}

impl CardError {
    /// Maximum number of errors that are reported together.
    pub const MAX_REPORTED: usize = 100;
    /// Maximum number of characters of an unknown name in a pointer. It may be as long as the body.
    pub const MAX_NAME: usize = 100;
}

/// Reason for rejecting a value of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardErrorReason {
    /// The value is not valid.
    Invalid(Invalid),
    /// The value has another JSON type.
    WrongType {
        /// The accepted type.
        expected: JsonType,
        /// The type of the value.
        found: JsonType,
    },
    /// A required member is absent.
    Missing,
    /// The object has no such member.
    UnknownField {
        /// Names of the members.
        allowed: Vec<&'static str>,
    },
}

impl From<Invalid> for CardErrorReason {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// Value in the JSON of a client.
pub(super) trait Member: Sized {
    /// Reads the value. On an error it reports the error and returns `None`.
    fn read(value: Value, reader: &mut Reader) -> Option<Self>;

    /// Returns the value that replaces an invalid one. So the other rules regard the member as given, and no error
    /// follows from another. A card with a stand-in is never returned.
    fn stand_in() -> Self;
}

/// Collects the errors of a card, and the position of the current value.
#[derive(Default)]
pub(super) struct Reader {
    position: Vec<Step>,
    errors: Vec<CardError>,
}

enum Step {
    Member(&'static str),
    Item(usize),
}

impl Reader {
    /// Returns the value, unless there are errors.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<CardError>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }

    /// Reports an error of the current value.
    pub(super) fn reject(&mut self, reason: impl Into<CardErrorReason>) {
        self.report(self.pointer(), reason.into());
    }

    /// Reports an error of a member of the current object.
    pub(super) fn reject_member(&mut self, name: &str, reason: impl Into<CardErrorReason>) {
        self.report(format!("{}/{}", self.pointer(), pointer_token(name)), reason.into());
    }

    /// Reads the current value, or returns its stand-in.
    pub(super) fn member<T: Member>(&mut self, value: Value) -> T {
        T::read(value, self).unwrap_or_else(T::stand_in)
    }

    /// Reads the members of an object.
    pub(super) fn object<T>(&mut self, value: Value, read: impl FnOnce(&mut Members<'_>) -> T) -> Option<T> {
        let Value::Object(values) = value else { return self.wrong_type(JsonType::Object, &value) };
        let mut members = Members { values, names: Vec::new(), reader: self };
        let object = read(&mut members);
        members.reject_unknown();
        Some(object)
    }

    /// Parses a string.
    pub(super) fn text<T>(&mut self, value: &Value, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        match value {
            Value::String(text) => parse(text).map_err(|invalid| self.reject(invalid)).ok(),
            other => self.wrong_type(JsonType::String, other),
        }
    }

    fn wrong_type<T>(&mut self, expected: JsonType, value: &Value) -> Option<T> {
        self.reject(CardErrorReason::WrongType { expected, found: JsonType::of(value) });
        None
    }

    fn at<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.position.push(step);
        let value = read(self);
        self.position.pop();
        value
    }

    fn report(&mut self, pointer: String, reason: CardErrorReason) {
        if self.errors.len() < CardError::MAX_REPORTED {
            self.errors.push(CardError { pointer, reason });
        }
    }

    fn pointer(&self) -> String {
        let step = |step: &Step| match step {
            Step::Member(name) => format!("/{name}"),
            Step::Item(index) => format!("/{index}"),
        };
        self.position.iter().map(step).collect()
    }
}

/// Members of a JSON object that are not read yet.
pub(super) struct Members<'a> {
    values: Map<String, Value>,
    names: Vec<&'static str>,
    reader: &'a mut Reader,
}

impl Members<'_> {
    /// Reads a member that may be absent.
    pub(super) fn optional<T: Member + Default>(&mut self, name: &'static str) -> T {
        self.take(name).unwrap_or_default()
    }

    /// Reads a member that must be there.
    pub(super) fn required<T: Member>(&mut self, name: &'static str) -> T {
        self.take(name).unwrap_or_else(|| {
            self.reader.reject_member(name, CardErrorReason::Missing);
            T::stand_in()
        })
    }

    fn take<T: Member>(&mut self, name: &'static str) -> Option<T> {
        self.names.push(name);
        let value = self.values.remove(name)?;
        Some(self.reader.at(Step::Member(name), |reader| reader.member(value)))
    }

    fn reject_unknown(self) {
        for name in self.values.keys().take(CardError::MAX_REPORTED) {
            self.reader.reject_member(name, CardErrorReason::UnknownField { allowed: self.names.clone() });
        }
    }
}

/// `null` is the same as an absent member.
impl<T: Member> Member for Option<T> {
    fn read(value: Value, reader: &mut Reader) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value, reader).map(Some) }
    }

    fn stand_in() -> Self {
        Some(T::stand_in())
    }
}

/// `null` is an empty list.
impl<T: Member> Member for Vec<T> {
    fn read(value: Value, reader: &mut Reader) -> Option<Self> {
        match value {
            Value::Null => Some(Self::new()),
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                Some(items.map(|(index, item)| reader.at(Step::Item(index), |reader| reader.member(item))).collect())
            }
            other => reader.wrong_type(JsonType::Array, &other),
        }
    }

    fn stand_in() -> Self {
        vec![T::stand_in()]
    }
}

/// `null` is false.
impl Member for bool {
    fn read(value: Value, reader: &mut Reader) -> Option<Self> {
        match value {
            Value::Null => Some(false),
            Value::Bool(value) => Some(value),
            other => reader.wrong_type(JsonType::Boolean, &other),
        }
    }

    fn stand_in() -> Self {
        false
    }
}

/// Returns a name as a token of a JSON pointer (RFC 6901): escaped, and cut after [`CardError::MAX_NAME`] characters.
#[must_use]
pub fn pointer_token(name: &str) -> String {
    let name: String = name.chars().take(CardError::MAX_NAME).collect();
    name.replace('~', "~0").replace('/', "~1")
}
