//! Preconditions of a card: `If-Match` and `If-None-Match` as CardDAV clients send them.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH},
};
use carddav::EntityTags;
use contact_files::WRITER;
use domain::contact::{ChangeNumber, card_resource::CardPrecondition};

use super::error::DavError;

/// Returns the entity tag of a card after its last change, without quotes. It changes with the form in which vCards are
/// written, too.
pub(super) fn entity_tag(change: ChangeNumber) -> String {
    format!("{}.{WRITER}", change.0)
}

/// States of the card that the client accepts.
pub(super) struct Accepted(pub(super) CardPrecondition);

impl FromRequest for Accepted {
    type Error = DavError;
    type Future = Ready<Result<Self, DavError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(accepted(request).map(Self))
    }
}

fn accepted(request: &HttpRequest) -> Result<CardPrecondition, DavError> {
    if let Some(tags) = tags_of(request, &IF_MATCH)? {
        return Ok(match tags {
            EntityTags::Any => CardPrecondition::Present,
            EntityTags::Listed(tags) => CardPrecondition::OneOf(tags.iter().filter_map(|tag| change_of(tag)).collect()),
        });
    }
    Ok(match tags_of(request, &IF_NONE_MATCH)? {
        Some(EntityTags::Any) => CardPrecondition::Absent,
        Some(EntityTags::Listed(tags)) => {
            CardPrecondition::NoneOf(tags.iter().filter_map(|tag| change_of(tag)).collect())
        }
        None => CardPrecondition::Any,
    })
}

/// Returns the change of an entity tag; `None` for a tag that this version has not written.
fn change_of(tag: &str) -> Option<ChangeNumber> {
    let (change, _) = tag.split_once('.')?;
    let change = change.parse().ok().map(ChangeNumber)?;
    (entity_tag(change) == tag).then_some(change)
}

/// Returns true when the client has the card with this entity tag already.
pub(super) fn is_known(request: &HttpRequest, tag: &str) -> Result<bool, DavError> {
    Ok(tags_of(request, &IF_NONE_MATCH)?.is_some_and(|tags| tags.matches(tag)))
}

fn tags_of(request: &HttpRequest, name: &HeaderName) -> Result<Option<EntityTags>, DavError> {
    let values: Vec<&str> = request.headers().get_all(name).map(|value| value.to_str().unwrap_or_default()).collect();
    if values.is_empty() {
        return Ok(None);
    }
    Ok(Some(EntityTags::parse(&values.join(","))?))
}
