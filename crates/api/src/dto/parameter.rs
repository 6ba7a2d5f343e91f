//! Values of query parameters: their parsers, and the macro that declares them.

use crate::problem::InvalidParameter;

/// Parses `true` or `false` in any case, `1` or `0`.
pub(super) fn boolean(text: &str) -> Result<bool, InvalidParameter> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(InvalidParameter::NotABoolean),
    }
}

/// Parses a whole number from `min` to `max`, written in digits only.
pub(super) fn whole_number(text: &str, min: u64, max: u64) -> Result<u64, InvalidParameter> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_number && (min..=max).contains(number));
    number.ok_or(InvalidParameter::OutOfRange { min, max })
}

/// Declares the type of a query parameter: its value, the function that parses it, and its schema in OpenAPI.
macro_rules! parameter {
    ($name:ident($value:ty), $parse:expr) => {
        struct $name($value);

        impl deserr::Deserr<crate::extract::BodyErrors> for $name {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                location: deserr::ValuePointerRef<'_>,
            ) -> Result<Self, crate::extract::BodyErrors> {
                crate::extract::read_text(value, location, $parse).map(Self)
            }
        }
    };
    ($name:ident($value:ty), $parse:expr, $schema:expr) => {
        $crate::dto::parameter::parameter!($name($value), $parse);

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(super) use parameter;
