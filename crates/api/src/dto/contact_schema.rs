//! OpenAPI schemas of contacts, made from the card in `domain`. A request may leave out every member; a response contains
//! all of them, and no list is null.

use std::borrow::Cow;

use domain::contact::{
    AddressLine, ContactCard, ContactEmail, JobTitle, Label, LabeledAddress, LabeledEmail, LabeledLink, LabeledPhone,
    Link, Nickname, Notes, Organization, PersonName, PhoneNumber, Tag,
};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Ref, RefOr, Schema, SchemaFormat,
        schema::{ArrayItems, Object, ObjectBuilder, SchemaType, Type},
    },
};

use super::{
    contact::{ContactBody, ContactPatchBody},
    contact_view::ContactView,
};

/// Ending of the names of schemas in requests.
const IN_REQUESTS: &str = "Input";

/// Maximum number of characters of each text of a card.
const TEXTS: [(&str, usize); 7] = [
    ("first_name", PersonName::MAX),
    ("last_name", PersonName::MAX),
    ("middle_name", PersonName::MAX),
    ("nickname", Nickname::MAX),
    ("organization", Organization::MAX),
    ("job_title", JobTitle::MAX),
    ("notes", Notes::MAX),
];

/// Returns the schema of a card, with its bounds.
fn card() -> Object {
    let mut card = bounded(ContactCard::schema(), &TEXTS);
    for (name, member) in &mut card.properties {
        if let RefOr::T(Schema::Array(list)) = member {
            let is_tags = name == "tags";
            list.max_items = Some(if is_tags { ContactCard::MAX_TAGS } else { ContactCard::MAX_VALUES });
            if let (true, ArrayItems::RefOrSchema(items)) = (is_tags, &mut list.items) {
                bound(items, Tag::MAX);
            }
        }
    }
    card
}

/// Returns the schemas of the values with a label, by name.
fn labeled() -> [(Cow<'static, str>, Object); 4] {
    let label = ("label", Label::MAX);
    let lines = ["street", "city", "region", "postal_code", "country"].map(|line| (line, AddressLine::MAX));
    let address: Vec<_> = [label].into_iter().chain(lines).collect();
    [
        (LabeledEmail::name(), bounded(LabeledEmail::schema(), &[label, ("address", ContactEmail::MAX)])),
        (LabeledPhone::name(), bounded(LabeledPhone::schema(), &[label, ("number", PhoneNumber::MAX)])),
        (LabeledAddress::name(), bounded(LabeledAddress::schema(), &address)),
        (LabeledLink::name(), bounded(LabeledLink::schema(), &[label, ("url", Link::MAX)])),
    ]
}

/// Returns an object without default values, whose texts have a maximum length.
fn bounded(schema: RefOr<Schema>, texts: &[(&str, usize)]) -> Object {
    // Each of these types is an object.
    let RefOr::T(Schema::Object(mut object)) = schema else { return Object::new() };
    for (name, member) in &mut object.properties {
        match member {
            RefOr::T(Schema::Object(value)) => value.default = None,
            RefOr::T(Schema::Array(list)) => list.default = None,
            _ => {}
        }
        if let Some((_, max)) = texts.iter().find(|(text, _)| text == name) {
            bound(member, *max);
        }
    }
    object
}

fn bound(text: &mut RefOr<Schema>, max: usize) {
    if let RefOr::T(Schema::Object(text)) = text {
        text.min_length = text.min_length.or(Some(1));
        text.max_length = Some(max);
    }
}

impl PartialSchema for ContactBody {
    fn schema() -> RefOr<Schema> {
        RefOr::T(Schema::Object(in_requests(card())))
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

impl PartialSchema for ContactPatchBody {
    fn schema() -> RefOr<Schema> {
        let mut patch = in_requests(card());
        let description = "Changes to a contact, as a JSON Merge Patch (RFC 7396). An absent field stays unchanged, \
                           `null` clears a field, a\nlist replaces the whole list.";
        patch.description = Some(description.to_owned());
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

impl PartialSchema for ContactView {
    fn schema() -> RefOr<Schema> {
        let text = |description, format| {
            let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
            text.format(Some(SchemaFormat::KnownFormat(format)))
        };
        let id = text("The contact's id.", KnownFormat::Uuid);
        let photo_url = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("The URL of the photo; null without one."));
        let time =
            |description| text(description, KnownFormat::DateTime).examples([json!("2026-11-21T10:00:00.000000Z")]);
        let mut contact = ObjectBuilder::new()
            .description(Some("A contact. A missing text is null, a missing list is empty."))
            .property("id", id.examples([json!("0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]))
            .build();
        contact.properties.extend(card().properties);
        contact.properties.insert("photo_url".to_owned(), photo_url.examples([json!(null)]).into());
        contact.properties.insert("created_at".to_owned(), time("The time of the creation.").into());
        contact.properties.insert("updated_at".to_owned(), time("The time of the last change.").into());
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
