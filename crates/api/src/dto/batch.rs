//! Request and response bodies of a batch of changes to contacts.

use deserr::{
    DeserializeError as _, Deserr, ErrorKind, IntoValue, Map as _, Sequence as _, Value, ValueKind, ValuePointerRef,
    take_cf_content,
};
use domain::{
    contact::{
        Contact, Expected,
        batch::{MAX_OPERATIONS, Operation, Outcome},
    },
    ids::ContactId,
    picture::PictureStore,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Discriminator, OneOfBuilder, Ref, RefOr, Schema, schema::ArrayBuilder},
};
use uuid::Uuid;

use super::{
    contact::{ContactBody, ContactPatchBody},
    contact_view::{ContactView, reserve},
    json::JsonWriter,
};
use crate::extract::{Accepted, Body, BodyErrors, Id, body_size, entity_tag};

/// A batch of changes: all of them are applied, or none.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = BatchRequest, example = json!({"operations": [
    {"op": "create", "contact": {"first_name": "Іван", "last_name": "Франко", "birthday": "1856-08-27"}},
    {"op": "create", "contact": {"first_name": "Ольга", "last_name": "Кобилянська", "tags": ["Письменниці"]}},
]}))]
pub(crate) struct BatchBody {
    #[schema(inline)]
    operations: Operations,
}

impl Body for BatchBody {
    const LIMIT: usize = body_size::CONTACTS;
}

impl From<BatchBody> for Vec<Operation> {
    fn from(body: BatchBody) -> Self {
        body.operations.0.into_iter().map(Operation::from).collect()
    }
}

struct Operations(Vec<OperationInput>);

impl Deserr<BodyErrors> for Operations {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        // The length is checked before the items are read: there may be very many.
        if matches!(&value, Value::Sequence(items) if !(1..=MAX_OPERATIONS).contains(&items.len())) {
            let detail = format!("must have from 1 to {MAX_OPERATIONS} items");
            return Err(BodyErrors::new(location, "wrong-length", detail));
        }
        Vec::deserialize_from_value(value, location).map(Self)
    }
}

impl PartialSchema for Operations {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .description(Some(
                "The operations. A contact may appear in one operation only, so their order does not matter.",
            ))
            .items(Ref::from_schema_name(OperationInput::name()))
            .min_items(Some(1))
            .max_items(Some(MAX_OPERATIONS))
            .into()
    }
}

impl ToSchema for Operations {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((OperationInput::name().into_owned(), OperationInput::schema()));
        OperationInput::schemas(schemas);
    }
}

/// One operation of a batch.
enum OperationInput {
    Create(CreateOperation),
    Update(UpdateOperation),
    Delete(DeleteOperation),
}

#[derive(Deserr)]
#[deserr(error = BodyErrors, rename_all = lowercase)]
enum Op {
    Create,
    Update,
    Delete,
}

impl Deserr<BodyErrors> for OperationInput {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        let Value::Map(mut map) = value else {
            let error = ErrorKind::IncorrectValueKind { actual: value, accepted: &[ValueKind::Map] };
            return Err(take_cf_content(BodyErrors::error(None, error, location)));
        };
        let Some(op) = map.remove("op") else {
            let error = ErrorKind::MissingField { field: "op" };
            return Err(take_cf_content(BodyErrors::error::<V>(None, error, location)));
        };
        let rest = Value::<V>::Map(map);
        match Op::deserialize_from_value(op.into_value(), location.push_key("op"))? {
            Op::Create => CreateOperation::deserialize_from_value(rest, location).map(Self::Create),
            Op::Update => UpdateOperation::deserialize_from_value(rest, location).map(Self::Update),
            Op::Delete => DeleteOperation::deserialize_from_value(rest, location).map(Self::Delete),
        }
    }
}

impl From<OperationInput> for Operation {
    fn from(input: OperationInput) -> Self {
        let expected = |versions: Option<Versions>| versions.map_or(Expected::Any, |versions| versions.0);
        match input {
            OperationInput::Create(create) => Self::Create(create.contact.0),
            OperationInput::Update(update) => Self::Update(update.id.0, expected(update.if_match), update.contact.0),
            OperationInput::Delete(delete) => Self::Delete(delete.id.0, expected(delete.if_match)),
        }
    }
}

/// Parses a string by the same rule as a header or a path segment.
fn parse_text<T, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    (code, expected): (&'static str, &str),
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, BodyErrors> {
    let text = String::deserialize_from_value(value, location)?;
    parse(&text).ok_or_else(|| BodyErrors::new(location, code, expected.to_owned()))
}

/// The id of the contact that an operation changes.
struct TargetId(ContactId);

impl Deserr<BodyErrors> for TargetId {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        parse_text(value, location, ("invalid-id", Id::EXPECTED), Id::parse).map(|id| Self(ContactId(id)))
    }
}

/// The versions of the contact that the operation accepts.
struct Versions(Expected);

impl Deserr<BodyErrors> for Versions {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        let error = ("invalid-entity-tag", Accepted::EXPECTED);
        parse_text(value, location, error, Accepted::parse).map(|Accepted(expected)| Self(expected))
    }
}

/// Creates a contact.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = BatchCreate)]
struct CreateOperation {
    /// Always `create`.
    #[deserr(skip)]
    #[schema(value_type = String, extensions(("x-values" = json!(["create"]))), example = "create")]
    #[expect(dead_code, reason = "parsed first, because it selects the type of the operation")]
    op: (),
    /// The new contact.
    contact: ContactBody,
}

/// Changes a contact.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = BatchUpdate)]
struct UpdateOperation {
    /// Always `update`.
    #[deserr(skip)]
    #[schema(value_type = String, extensions(("x-values" = json!(["update"]))), example = "update")]
    #[expect(dead_code, reason = "parsed first, because it selects the type of the operation")]
    op: (),
    /// The contact's id.
    #[schema(value_type = Uuid, example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: TargetId,
    /// Same as the header `If-Match`: the `ETag` of the version you read.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "\"3\"")]
    if_match: Option<Versions>,
    /// The changes, as a JSON Merge Patch (RFC 7396): an absent field stays unchanged, `null` clears it.
    contact: ContactPatchBody,
}

/// Moves a contact into the trash.
#[derive(Deserr, ToSchema)]
#[deserr(error = BodyErrors, deny_unknown_fields)]
#[schema(as = BatchDelete)]
struct DeleteOperation {
    /// Always `delete`.
    #[deserr(skip)]
    #[schema(value_type = String, extensions(("x-values" = json!(["delete"]))), example = "delete")]
    #[expect(dead_code, reason = "parsed first, because it selects the type of the operation")]
    op: (),
    /// The contact's id.
    #[schema(value_type = Uuid, example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: TargetId,
    /// Same as the header `If-Match`: the `ETag` of the version you read.
    #[deserr(default)]
    #[schema(value_type = Option<String>, example = "\"3\"")]
    if_match: Option<Versions>,
}

impl PartialSchema for OperationInput {
    fn schema() -> RefOr<Schema> {
        let kinds = ["BatchCreate", "BatchUpdate", "BatchDelete"];
        let one_of =
            kinds.into_iter().fold(OneOfBuilder::new(), |one_of, kind| one_of.item(Ref::from_schema_name(kind)));
        let names = ["create", "update", "delete"].into_iter().zip(kinds);
        let mapping = names.map(|(op, kind)| (op, Ref::from_schema_name(kind).ref_location));
        one_of
            .description(Some("One operation. `op` selects its type."))
            .discriminator(Some(Discriminator::with_mapping("op", mapping)))
            .into()
    }
}

impl ToSchema for OperationInput {
    fn name() -> std::borrow::Cow<'static, str> {
        "BatchOperation".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("BatchCreate".into(), CreateOperation::schema()));
        schemas.push(("BatchUpdate".into(), UpdateOperation::schema()));
        schemas.push(("BatchDelete".into(), DeleteOperation::schema()));
        CreateOperation::schemas(schemas);
        UpdateOperation::schemas(schemas);
    }
}

/// The results of a batch.
#[derive(ToSchema)]
#[schema(as = BatchResult)]
#[expect(dead_code, reason = "describes what is written below")]
pub(crate) struct BatchView {
    /// One result for each operation, in the order of the request.
    items: Vec<OutcomeView>,
}

impl BatchView {
    /// Returns the JSON of the results. At most 200 contacts of 64 KiB of text each: it is written as a whole.
    pub(crate) fn json(outcomes: &[Outcome], pictures: &dyn PictureStore) -> JsonWriter {
        let mut json = JsonWriter::default();
        reserve(&mut json, outcomes.iter().filter_map(contact_of));
        json.begin_object();
        json.name("items");
        json.begin_list();
        for outcome in outcomes {
            OutcomeView::write(&mut json, outcome, pictures);
        }
        json.end_list();
        json.end_object();
        json
    }
}

/// The result of one operation.
#[derive(ToSchema)]
#[schema(as = BatchOperationResult)]
#[expect(dead_code, reason = "describes what is written below")]
struct OutcomeView {
    /// The type of the operation: `create`, `update` or `delete`.
    #[schema(extensions(("x-values" = json!(["create", "update", "delete"]))), example = "create")]
    op: &'static str,
    /// The contact's id.
    #[schema(example = "0193b5c7-1f6e-7c3a-9d42-5b8f0a6c1e27")]
    id: Uuid,
    /// The contact's `ETag`; null after `delete`.
    #[schema(example = "\"1\"")]
    etag: Option<String>,
    /// The contact; null after `delete`.
    contact: Option<ContactView>,
}

impl OutcomeView {
    fn write(json: &mut JsonWriter, outcome: &Outcome, pictures: &dyn PictureStore) {
        let (op, id) = match outcome {
            Outcome::Created(contact) => ("create", contact.id),
            Outcome::Updated(contact) | Outcome::Unchanged(contact) => ("update", contact.id),
            Outcome::Deleted(id) => ("delete", *id),
        };
        let contact = contact_of(outcome);
        json.begin_object();
        json.member("op", &op);
        json.member("id", &id.0);
        json.member("etag", &contact.map(|contact| entity_tag(contact.change).to_string()));
        json.name("contact");
        match contact {
            Some(contact) => ContactView::write(json, contact, pictures),
            None => json.value(&()),
        }
        json.end_object();
    }
}

fn contact_of(outcome: &Outcome) -> Option<&Contact> {
    match outcome {
        Outcome::Created(contact) | Outcome::Updated(contact) | Outcome::Unchanged(contact) => Some(contact),
        Outcome::Deleted(_) => None,
    }
}
