//! Contacts in request bodies. Their fields and rules are those of the card in `domain`.

use chrono::Utc;
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::contact::{Birthday, CardError, CardPatch, ContactCard, ValidCard};

use crate::extract::{Body, BodyErrors, body_size};

/// A contact to create.
pub(crate) struct ContactBody(pub(crate) Box<ValidCard>);

/// A contact to replace another one with. It may be the one that a response contained.
pub(crate) struct ReplacementBody(pub(crate) ValidCard);

/// Members of a contact in a response that are not part of its card. A replacement may have them; they are ignored.
pub(super) const READ_ONLY: [&str; 4] = ["id", "photo_url", "created_at", "updated_at"];

/// Changes to a contact.
pub(crate) struct ContactPatchBody(pub(crate) CardPatch);

impl Body for ContactBody {
    const LIMIT: usize = body_size::CONTACTS;
}

impl Body for ReplacementBody {
    const LIMIT: usize = body_size::CONTACTS;
}

impl Body for ContactPatchBody {
    const LIMIT: usize = body_size::CONTACTS;
    const MEDIA_TYPES: &'static [&'static str] = &["application/merge-patch+json", "application/json"];
}

impl Deserr<BodyErrors> for ContactBody {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        parse(value, location, ContactCard::parse).map(|card| Self(Box::new(card)))
    }
}

impl Deserr<BodyErrors> for ReplacementBody {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        let parse_card = |mut json: serde_json::Value, today| {
            if let Some(members) = json.as_object_mut() {
                members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
            }
            ContactCard::parse(json, today)
        };
        parse(value, location, parse_card).map(Self)
    }
}

impl Deserr<BodyErrors> for ContactPatchBody {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef<'_>,
    ) -> Result<Self, BodyErrors> {
        parse(value, location, CardPatch::parse).map(Self)
    }
}

#[expect(clippy::disallowed_methods, reason = "bodies are parsed before a clock port is available")]
fn parse<T, V: IntoValue>(
    value: Value<V>,
    location: ValuePointerRef<'_>,
    parse: impl FnOnce(serde_json::Value, chrono::NaiveDate) -> Result<T, Vec<CardError>>,
) -> Result<T, BodyErrors> {
    let json = serde_json::Value::deserialize_from_value(value, location)?;
    parse(json, Birthday::latest(Utc::now())).map_err(|errors| BodyErrors::of_card(&errors, location))
}
