//! Parts of a contact in request bodies: lists, labeled values and the birthday.

use chrono::Utc;
use deserr::{Deserr, IntoValue, MergeWithError as _, Sequence as _, Value, ValuePointerRef, take_cf_content};
use domain::{
    contact::{
        AddressLine, Birthday, ContactDetails, ContactEmail, Label, Labeled, Link, PhoneNumber, PostalAddress, Tag,
    },
    text::Invalid,
};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type},
};

use crate::extract::BodyErrors;

/// Reads a list of at most `max` items. The domain enforces the same bound. It is checked here too, so that the
/// response reports it together with the other errors of the body.
fn bounded<T: Deserr<BodyErrors>, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    max: usize,
) -> Result<Vec<T>, BodyErrors> {
    let is_too_long = matches!(&value, Value::Sequence(items) if items.len() > max);
    let items = Vec::<T>::deserialize_from_value(value, location);
    if !is_too_long {
        return items;
    }
    let too_long = BodyErrors::invalid(&Invalid::TooLong { max, unit: "items" }, location);
    Err(match items {
        Ok(_) => too_long,
        Err(errors) => take_cf_content(BodyErrors::merge(Some(too_long), errors, location)),
    })
}

/// A list of e-mails, phones, addresses or links.
pub(crate) struct Values<T>(Vec<T>);

impl<T> Values<T> {
    pub(super) fn into_values<U: From<T>>(self) -> Vec<U> {
        self.0.into_iter().map(U::from).collect()
    }
}

impl<T: Deserr<BodyErrors>> Deserr<BodyErrors> for Values<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        bounded(value, location, ContactDetails::MAX_VALUES).map(Self)
    }
}

/// A list of tags.
pub(crate) struct Tags(pub(super) Vec<Tag>);

impl Deserr<BodyErrors> for Tags {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        bounded(value, location, ContactDetails::MAX_TAGS).map(Self)
    }
}

/// The OpenAPI schema of a list of tags, with the bounds of each tag.
pub(crate) fn tags_schema() -> Array {
    let text = SchemaType::Type(Type::String);
    let tag = ObjectBuilder::new().schema_type(text).min_length(Some(1)).max_length(Some(Tag::MAX));
    ArrayBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::Array, Type::Null]))
        .description(Some("Tags: at most 50, each of at most 50 characters."))
        .items(tag)
        .max_items(Some(ContactDetails::MAX_TAGS))
        .examples([json!(["друзі"])])
        .build()
}

/// A birthday that is not in the future in any time zone. The domain enforces the same rule. It is checked here too,
/// so that the response reports it together with the other errors of the body.
pub(crate) struct PastBirthday(pub(super) Birthday);

impl Deserr<BodyErrors> for PastBirthday {
    #[expect(clippy::disallowed_methods, reason = "bodies are parsed before a clock port is available")]
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        let birthday = Birthday::deserialize_from_value(value, location)?;
        if birthday.is_after(ContactDetails::last_birthday(Utc::now())) {
            return Err(BodyErrors::invalid(&Invalid::InTheFuture, location));
        }
        Ok(Self(birthday))
    }
}

macro_rules! labeled_input {
    ($(#[$doc:meta])* $name:ident as $schema:ident, $field:ident: $type:ty, $($attribute:tt)+) => {
        $(#[$doc])*
        #[derive(Deserr, ToSchema)]
        #[deserr(error = BodyErrors, deny_unknown_fields)]
        #[schema(as = $schema)]
        pub(crate) struct $name {
            /// A label such as `home` or `work`.
            #[deserr(default)]
            #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "home")]
            label: Option<Label>,
            /// The value.
            #[schema(value_type = String, $($attribute)+)]
            $field: $type,
        }

        impl From<$name> for Labeled<$type> {
            fn from(input: $name) -> Self {
                Self { label: input.label, value: input.$field }
            }
        }
    };
}

labeled_input! {
    /// An e-mail address with a label.
    EmailInput as ContactEmailInput, address: ContactEmail, min_length = 1, max_length = 254, format = "idn-email", example = "Lesia@example.com"
}
labeled_input! {
    /// A telephone number with a label: 2 to 20 digits and the usual separators.
    PhoneInput as ContactPhoneInput, number: PhoneNumber, min_length = 2, max_length = 50, pattern = "[0-9][^0-9]*[0-9]", example = "+380 (67) 111-22-33"
}
labeled_input! {
    /// An absolute `http` or `https` link with a label.
    LinkInput as ContactLinkInput, url: Link, min_length = 1, max_length = 2000, format = "iri", example = "https://example.com/lesia"
}

/// A postal address with a label.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = ContactAddressInput)]
pub(crate) struct AddressInput {
    /// A label such as `home` or `work`.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "home")]
    label: Option<Label>,
    /// Street, house number and flat.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "вул. Хрещатик, 1")]
    street: Option<AddressLine>,
    /// City, town or village.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Київ")]
    city: Option<AddressLine>,
    /// Region, state or oblast.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    region: Option<AddressLine>,
    /// Postal code.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "01001")]
    postal_code: Option<AddressLine>,
    /// Country.
    #[deserr(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "Україна")]
    country: Option<AddressLine>,
}

impl From<AddressInput> for Labeled<PostalAddress> {
    fn from(input: AddressInput) -> Self {
        let AddressInput { label, street, city, region, postal_code, country } = input;
        Self { label, value: PostalAddress { street, city, region, postal_code, country } }
    }
}
