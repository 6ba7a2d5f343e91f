//! OpenAPI schemas of contacts, made from the card in `domain`. A request may leave out every member; a response contains
//! all of them, and no list is null.

use std::borrow::Cow;

use domain::contact::{ContactCard, LabeledAddress, LabeledEmail, LabeledLink, LabeledPhone, Tag};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Ref, RefOr, Schema, SchemaFormat,
        schema::{ArrayItems, Object, ObjectBuilder, SchemaType, Type},
    },
};

use super::{
    bounds,
    contact::{ContactBody, ContactPatchBody, READ_ONLY, ReplacementBody},
    contact_view::ContactView,
};

/// Ending of the names of schemas in requests.
const IN_REQUESTS: &str = "Input";

/// Returns the schema of a card, with the bounds of its lists.
fn card() -> Object {
    let mut card = object(ContactCard::schema());
    for (name, member) in &mut card.properties {
        let RefOr::T(Schema::Array(list)) = member else { continue };
        if name == "tags" {
            list.max_items = Some(ContactCard::MAX_TAGS);
            list.items = ArrayItems::RefOrSchema(Box::new(bounds::text(1, Tag::MAX).into()));
        } else {
            list.max_items = Some(ContactCard::MAX_VALUES);
        }
    }
    card
}

/// Returns the schemas of the values with a label, by name.
fn labeled() -> [(Cow<'static, str>, Object); 4] {
    [
        (LabeledEmail::name(), object(LabeledEmail::schema())),
        (LabeledPhone::name(), object(LabeledPhone::schema())),
        (LabeledAddress::name(), object(LabeledAddress::schema())),
        (LabeledLink::name(), object(LabeledLink::schema())),
    ]
}

/// Returns an object without default values.
fn object(schema: RefOr<Schema>) -> Object {
    // Each of these types is an object.
    let RefOr::T(Schema::Object(mut object)) = schema else { return Object::new() };
    for member in object.properties.values_mut() {
        match member {
            RefOr::T(Schema::Object(value)) => value.default = None,
            RefOr::T(Schema::Array(list)) => list.default = None,
            _ => {}
        }
    }
    object
}

/// Example of a whole contact, for requests.
fn example() -> serde_json::Value {
    json!({
        "first_name": "Леся",
        "last_name": "Українка",
        "birthday": "1871-02-25",
        "emails": [{"label": "home", "address": "lesia@example.com"}],
        "phones": [{"label": "mobile", "number": "+380 67 111-22-33"}],
        "tags": ["Поети"],
        "notes": "Лісова пісня",
    })
}

impl PartialSchema for ContactBody {
    fn schema() -> RefOr<Schema> {
        let mut contact = in_requests(card());
        contact.example = Some(example());
        RefOr::T(Schema::Object(contact))
    }
}

impl ToSchema for ContactBody {
    fn name() -> Cow<'static, str> {
        ContactCard::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(labeled().map(|(name, object)| (name.into_owned(), RefOr::T(Schema::Object(object)))));
    }
}

impl PartialSchema for ReplacementBody {
    fn schema() -> RefOr<Schema> {
        let mut replacement = in_requests(card());
        replacement.description = Some(
            "A contact to replace another one with. It may be the one that you received: `id`, `photo_url`, `created_at` \
             and\n`updated_at` are ignored."
                .to_owned(),
        );
        replacement.example = Some(example());
        let read_only = in_response_only().into_iter().filter(|(name, _)| READ_ONLY.contains(name));
        replacement.properties.extend(read_only.map(|(name, mut member)| {
            member.read_only = Some(true);
            (name.to_owned(), member.into())
        }));
        RefOr::T(Schema::Object(replacement))
    }
}

impl ToSchema for ReplacementBody {
    fn name() -> Cow<'static, str> {
        "ContactReplacement".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ContactBody::schemas(schemas);
    }
}

impl PartialSchema for ContactPatchBody {
    fn schema() -> RefOr<Schema> {
        let mut patch = in_requests(card());
        let description = "Changes to a contact, as a JSON Merge Patch (RFC 7396). An absent field stays unchanged, \
                           `null` clears a field, a\nlist replaces the whole list.";
        patch.description = Some(description.to_owned());
        // An example of the whole body, so that an executed example changes only these members.
        patch.example = Some(json!({"nickname": "Зірка", "birthday": "--02-25"}));
        RefOr::T(Schema::Object(patch))
    }
}

impl ToSchema for ContactPatchBody {
    fn name() -> Cow<'static, str> {
        "ContactPatch".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ContactBody::schemas(schemas);
    }
}

/// Returns the members that a contact has in responses besides those of its card.
fn in_response_only() -> [(&'static str, Object); 4] {
    let text = |description, format| {
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        text.format(Some(SchemaFormat::KnownFormat(format)))
    };
    let time = |description| text(description, KnownFormat::DateTime).examples([json!("2026-11-21T10:00:00.000000Z")]);
    let id = text("The contact's id.", KnownFormat::Uuid).examples([json!("0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]);
    let photo_url = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("The URL of the photo; null without one."))
        .examples([json!(null)]);
    [
        ("id", id.build()),
        ("photo_url", photo_url.build()),
        ("created_at", time("The time of the creation.").build()),
        ("updated_at", time("The time of the last change.").build()),
    ]
}

impl PartialSchema for ContactView {
    fn schema() -> RefOr<Schema> {
        let mut contact = ObjectBuilder::new()
            .description(Some("A contact. A missing text is null, a missing list is empty."))
            .build();
        let mut rest = in_response_only().into_iter().map(|(name, member)| (name.to_owned(), member.into()));
        contact.properties.extend(rest.by_ref().take(1));
        contact.properties.extend(card().properties);
        contact.properties.extend(rest);
        RefOr::T(Schema::Object(in_responses(contact)))
    }
}

impl ToSchema for ContactView {
    fn name() -> Cow<'static, str> {
        "Contact".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(labeled().map(|(name, object)| {
            (name.trim_end_matches(IN_REQUESTS).to_owned(), RefOr::T(Schema::Object(in_responses(object))))
        }));
    }
}

/// Requires no member, and permits null for lists and booleans too.
fn in_requests(mut object: Object) -> Object {
    object.required = Vec::new();
    for member in object.properties.values_mut() {
        match member {
            RefOr::T(Schema::Array(list)) => list.schema_type = SchemaType::from_iter([Type::Array, Type::Null]),
            RefOr::T(Schema::Object(value)) if value.schema_type == SchemaType::Type(Type::Boolean) => {
                value.schema_type = SchemaType::from_iter([Type::Boolean, Type::Null]);
            }
            _ => {}
        }
    }
    object
}

/// Requires every member, and refers to the schemas of responses.
fn in_responses(mut object: Object) -> Object {
    object.required = object.properties.keys().cloned().collect();
    for member in object.properties.values_mut() {
        if let RefOr::T(Schema::Array(list)) = member
            && let ArrayItems::RefOrSchema(items) = &mut list.items
            && let RefOr::Ref(reference) = &mut **items
        {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            *reference = Ref::from_schema_name(name.trim_end_matches(IN_REQUESTS));
        }
    }
    object
}
