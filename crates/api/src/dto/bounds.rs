//! Bounds of values in the OpenAPI document, from the constants of the domain.
//!
//! The attributes of utoipa accept bounds only as literals. A field has the extension `x-bounds` instead, which accepts
//! constants: `extensions(("x-bounds" = json!([1, Username::MAX])))`. A field with few values has the extension `x-values`.
//! [`Bounds`] replaces both in the document.

use serde::de::DeserializeOwned;
use utoipa::{
    Modify, Number,
    openapi::{
        Object, ObjectBuilder, OpenApi, RefOr, Schema,
        extensions::Extensions,
        path::Operation,
        schema::{KnownFormat, SchemaFormat, Type},
    },
};

/// The minimum and the maximum number of characters of a text. The macros of utoipa drop the extensions of a list.
const EXTENSION: &str = "x-bounds";
/// All values of a text.
const VALUES: &str = "x-values";

/// Returns the schema of a text of `min` to `max` characters.
pub(super) fn text(min: usize, max: usize) -> ObjectBuilder {
    let min = Some(min).filter(|min| *min > 0);
    ObjectBuilder::new().schema_type(Type::String).min_length(min).max_length(Some(max))
}

/// Returns the schema of a text that has few values.
pub(super) fn one_of(values: &[&'static str]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values.iter().copied()))
}

/// Returns the schema of a whole number from `min` to `max`.
pub(super) fn whole_number(min: u64, max: u64) -> ObjectBuilder {
    let [min, max] = [min, max].map(|bound| usize::try_from(bound).ok().map(Number::UInt));
    let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
    ObjectBuilder::new().schema_type(Type::Integer).format(Some(format)).minimum(min).maximum(max)
}

/// Replaces the extension `x-bounds` of fields and parameters, and the extension `x-values` of fields.
pub(crate) struct Bounds;

impl Modify for Bounds {
    fn modify(&self, document: &mut OpenApi) {
        for schema in document.components.iter_mut().flat_map(|components| components.schemas.values_mut()) {
            let RefOr::T(Schema::Object(object)) = schema else { continue };
            for field in object.properties.values_mut() {
                let RefOr::T(Schema::Object(text)) = field else { continue };
                let values = take::<Vec<serde_json::Value>>(&mut text.extensions, VALUES);
                text.enum_values = values.or(text.enum_values.take());
                let bounds = take(&mut text.extensions, EXTENSION);
                set(text, bounds);
            }
        }
        for parameter in operations(document).filter_map(|operation| operation.parameters.as_mut()).flatten() {
            let RefOr::T(parameter) = parameter else { continue };
            let bounds = take(&mut parameter.extensions, EXTENSION);
            if let Some(RefOr::T(Schema::Object(text))) = &mut parameter.schema {
                set(text, bounds);
            }
        }
    }
}

/// Returns all operations of a document.
pub(crate) fn operations(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
    })
}

fn set(text: &mut Object, bounds: Option<(usize, usize)>) {
    if let Some((min, max)) = bounds {
        (text.min_length, text.max_length) = (Some(min).filter(|min| *min > 0), Some(max));
    }
}

/// Removes an extension and returns its value.
fn take<T: DeserializeOwned>(extensions: &mut Option<Extensions>, name: &str) -> Option<T> {
    let value = extensions.as_mut()?.remove(name)?;
    *extensions = extensions.take().filter(|others| !others.is_empty());
    serde_json::from_value(value).ok()
}
