//! Values of a card that have a label, and their JSON form.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AddressLine, ContactEmail, Label, Link, PhoneNumber,
    card_reader::{Member, Reader},
};

/// Declares a value with a label, and its JSON form.
macro_rules! labeled {
    ($(#[$doc:meta])* $name:ident as $schema:ident, $member:ident: $type:ident, $min:literal, $($schema_of_member:tt)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = $schema))]
        pub struct $name {
            /// A label such as `home` or `work`.
            #[serde(default)]
            #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Label::MAX]))), example = "home"))]
            pub label: Option<Label>,
            /// The value.
            #[cfg_attr(feature = "openapi", schema(value_type = String, extensions(("x-bounds" = json!([$min, $type::MAX]))), $($schema_of_member)+))]
            pub $member: $type,
        }

        impl Member for $name {
            fn read(value: Value, reader: &mut Reader) -> Option<Self> {
                reader.object(value, |members| Self {
                    label: members.optional("label"),
                    $member: members.required(stringify!($member)),
                })
            }

            fn stand_in() -> Self {
                Self { label: None, $member: Member::stand_in() }
            }
        }
    };
}

labeled! {
    /// An e-mail address with a label.
    LabeledEmail as ContactEmailInput, address: ContactEmail, 1, format = "idn-email", example = "Lesia@example.com"
}
labeled! {
    /// A telephone number with a label: 2 to 40 digits of any script, the usual separators, and an extension.
    LabeledPhone as ContactPhoneInput, number: PhoneNumber, 2, example = "+380 (67) 111-22-33"
}
labeled! {
    /// A link with a label: a web page, `mailto:`, `tel:` or a messenger. A link without a scheme gets `https://`.
    LabeledLink as ContactLinkInput, url: Link, 1, format = "iri", example = "https://example.com/lesia"
}

/// A postal address with a label. No part is required, because formats differ too much between countries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ContactAddressInput))]
pub struct LabeledAddress {
    /// A label such as `home` or `work`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, Label::MAX]))), example = "home"))]
    pub label: Option<Label>,
    /// Street, house number and flat.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, AddressLine::MAX]))), example = "вул. Хрещатик, 1"))]
    pub street: Option<AddressLine>,
    /// City, town or village.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, AddressLine::MAX]))), example = "Київ"))]
    pub city: Option<AddressLine>,
    /// Region, state or oblast.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, AddressLine::MAX])))))]
    pub region: Option<AddressLine>,
    /// Postal code.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, AddressLine::MAX]))), example = "01001"))]
    pub postal_code: Option<AddressLine>,
    /// Country, in any form.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, extensions(("x-bounds" = json!([1, AddressLine::MAX]))), example = "Україна"))]
    pub country: Option<AddressLine>,
}

impl Member for LabeledAddress {
    fn read(value: Value, reader: &mut Reader) -> Option<Self> {
        reader.object(value, |members| Self {
            label: members.optional("label"),
            street: members.optional("street"),
            city: members.optional("city"),
            region: members.optional("region"),
            postal_code: members.optional("postal_code"),
            country: members.optional("country"),
        })
    }

    fn stand_in() -> Self {
        Self::default()
    }
}
