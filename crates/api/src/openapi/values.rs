//! Values of headers, fields and bodies that need more than a type.

use utoipa::{
    Modify,
    openapi::{
        OpenApi, RefOr, Required, Schema,
        path::ParameterIn,
        schema::{SchemaType, Type},
    },
};

use crate::dto::bounds::operations;

/// Entity tags (RFC 9110, 8.8.3): `*`, or a list, whose empty elements are ignored.
const ENTITY_TAGS: &str = r#"^\s*(\*|(,\s*)*(W/)?"[!#-~]*"\s*(,\s*((W/)?"[!#-~]*"\s*)?)*)\s*$"#;
/// Visible characters, or a quoted string of them (RFC 9651, 3.3.3).
const IDEMPOTENCY_KEY: &str = r#"^([!#-~][!-~]*|"([!#-\[\]-~]|\\["\\])+")$"#;
/// Name of an IANA time zone.
const TIMEZONE: &str = r"^\s*[A-Za-z][A-Za-z0-9_+/-]*\s*$";

/// Requires the body of each operation that has one. Generators make an optional parameter of it otherwise.
pub(super) struct RequiredBodies;

impl Modify for RequiredBodies {
    fn modify(&self, document: &mut OpenApi) {
        for operation in operations(document) {
            if let Some(RefOr::T(body)) = &mut operation.request_body {
                body.required = Some(Required::True);
            }
        }
    }
}

/// Describes the values of `If-Match`, `If-None-Match`, `Idempotency-Key` and `timezone`. A header is never null.
pub(super) struct Values;

impl Modify for Values {
    fn modify(&self, document: &mut OpenApi) {
        let parameters = operations(document).filter_map(|operation| operation.parameters.as_mut()).flatten();
        for parameter in parameters {
            let RefOr::T(parameter) = parameter else { continue };
            let Some(RefOr::T(Schema::Object(value))) = &mut parameter.schema else { continue };
            if parameter.parameter_in == ParameterIn::Header {
                value.schema_type = SchemaType::Type(Type::String);
            }
            value.pattern = pattern_of(&parameter.name).or(value.pattern.take());
        }
        let schemas = document.components.iter_mut().flat_map(|components| components.schemas.values_mut());
        for schema in schemas {
            let RefOr::T(Schema::Object(object)) = schema else { continue };
            for (name, field) in &mut object.properties {
                let (Some(pattern), RefOr::T(Schema::Object(value))) = (pattern_of(name), field) else { continue };
                value.pattern = Some(pattern);
            }
        }
    }
}

fn pattern_of(name: &str) -> Option<String> {
    match name {
        "If-Match" | "If-None-Match" | "if_match" => Some(ENTITY_TAGS.to_owned()),
        "Idempotency-Key" => Some(IDEMPOTENCY_KEY.to_owned()),
        "timezone" => Some(TIMEZONE.to_owned()),
        _ => None,
    }
}
