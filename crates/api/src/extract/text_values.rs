//! Deserialization of domain values from JSON strings, with the validation of the domain.

use std::str::FromStr;

use deserr::{DeserializeError as _, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef, take_cf_content};
use domain::{
    account::{Email, Locale, Password, PasswordAttempt, Timezone, Username},
    app_password::AppPasswordName,
    contact::Sort,
    text::Invalid,
};

use super::body_errors::BodyErrors;
use crate::problem::Rejection;

/// Parses a string value.
pub(crate) fn read_text<T, E: Rejection, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, BodyErrors> {
    match value {
        Value::String(text) => parse(&text).map_err(|rejection| BodyErrors::invalid(&rejection, location)),
        actual => {
            let error = ErrorKind::IncorrectValueKind { actual, accepted: &[ValueKind::String] };
            Err(take_cf_content(BodyErrors::error(None, error, location)))
        }
    }
}

macro_rules! read_from_strings {
    ($($name:ty),+ $(,)?) => { $(
        impl Deserr<BodyErrors> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                location: ValuePointerRef<'_>,
            ) -> Result<Self, BodyErrors> {
                read_text(value, location, <$name>::from_str)
            }
        }
    )+ };
}

read_from_strings!(AppPasswordName, Email, Locale, Password, Sort, Timezone, Username);

impl Deserr<BodyErrors> for PasswordAttempt {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        read_text(value, location, |text| Ok::<_, Invalid>(Self::new(text)))
    }
}
