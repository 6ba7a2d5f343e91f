//! Preconditions of a card (RFC 9110, 13): `If-Match` and `If-None-Match` as CardDAV clients send them, and its entity tags.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH},
};
use carddav::{EntityTags, HeaderError};
use contact_files::{OutputVersion, WRITER};
use domain::{
    Ports,
    contact::{ChangeNumber, card_resource::CardPrecondition},
};

use super::{error::DavError, target::Target};

/// End of the entity tag of a card in vCard 4.0.
const NEWER: &str = "-4";

/// Returns the entity tag of a card after its last change, without quotes: that of vCard 3.0, the default. It changes with
/// the form in which vCards are written, too.
pub(super) fn entity_tag(change: ChangeNumber) -> String {
    format!("{}.{WRITER}", change.0)
}

/// Returns the entity tag of a card in a version. Two representations never have the same one. `If-Match` accepts both:
/// they name one state of the card.
pub(super) fn entity_tag_in(version: OutputVersion, change: ChangeNumber) -> String {
    match version {
        OutputVersion::V3_0 => entity_tag(change),
        OutputVersion::V4_0 => entity_tag(change) + NEWER,
    }
}

/// `If-Match` and `If-None-Match` of a request.
struct Conditions {
    accepted: Option<EntityTags>,
    rejected: Option<EntityTags>,
}

impl Conditions {
    fn of(request: &HttpRequest) -> Result<Self, DavError> {
        Ok(Self { accepted: tags_of(request, &IF_MATCH)?, rejected: tags_of(request, &IF_NONE_MATCH)? })
    }
}

/// The states of a card that a change accepts: those of `If-Match` without those of `If-None-Match`.
pub(super) struct Accepted {
    precondition: CardPrecondition,
    /// States that are rejected besides, for `If-Match: *`.
    rejected: Vec<ChangeNumber>,
}

impl Accepted {
    /// Returns the precondition that the use case checks. Costs one statement if the request has `If-Match: *` and tags in
    /// `If-None-Match`.
    ///
    /// # Errors
    /// The card has a rejected state, or cannot be read.
    pub(super) async fn precondition(self, ports: &Ports, target: &Target) -> Result<CardPrecondition, DavError> {
        // No number is given again, so a card that has another state now never gets a rejected one.
        if !self.rejected.is_empty()
            && let Some(card) = target.find_card(ports, false).await?
            && self.rejected.contains(&card.resource.change())
        {
            return Err(DavError::changed());
        }
        Ok(self.precondition)
    }
}

impl From<Conditions> for Accepted {
    fn from(Conditions { accepted, rejected }: Conditions) -> Self {
        let rejected = match (rejected, &accepted) {
            (None, _) => Vec::new(),
            (Some(EntityTags::Any), None) => return CardPrecondition::Absent.into(),
            // A card that exists has a state.
            (Some(EntityTags::Any), Some(_)) => return CardPrecondition::OneOf(Vec::new()).into(),
            (Some(EntityTags::Listed(tags)), _) => changes_of(&tags),
        };
        match accepted {
            None if rejected.is_empty() => CardPrecondition::Any.into(),
            None => CardPrecondition::NoneOf(rejected).into(),
            Some(EntityTags::Any) => Self { precondition: CardPrecondition::Present, rejected },
            Some(EntityTags::Listed(tags)) => {
                let mut accepted = changes_of(&tags);
                accepted.retain(|change| !rejected.contains(change));
                CardPrecondition::OneOf(accepted).into()
            }
        }
    }
}

impl From<CardPrecondition> for Accepted {
    fn from(precondition: CardPrecondition) -> Self {
        Self { precondition, rejected: Vec::new() }
    }
}

impl FromRequest for Accepted {
    type Error = DavError;
    type Future = Ready<Result<Self, DavError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Conditions::of(request).map(Self::from))
    }
}

/// The states of a card that a reader expects, from `If-Match`, and the representations that it has cached, from
/// `If-None-Match`.
pub(super) struct Cached(Conditions);

impl Cached {
    /// Returns true when the client has cached the card after this change, with this entity tag.
    ///
    /// # Errors
    /// The client expects another state.
    pub(super) fn has(&self, change: ChangeNumber, tag: &str) -> Result<bool, DavError> {
        let Conditions { accepted, rejected: cached } = &self.0;
        if let Some(EntityTags::Listed(tags)) = accepted
            && !changes_of(tags).contains(&change)
        {
            return Err(DavError::changed());
        }
        Ok(cached.as_ref().is_some_and(|tags| tags.matches(tag)))
    }
}

impl FromRequest for Cached {
    type Error = DavError;
    type Future = Ready<Result<Self, DavError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Conditions::of(request).map(Self))
    }
}

fn changes_of(tags: &[String]) -> Vec<ChangeNumber> {
    tags.iter().filter_map(|tag| change_of(tag)).collect()
}

/// Returns the change that an entity tag names. It is the same state of the card in each version of vCard, and in each form
/// that a version of the service has written: an update of the service is no change of the card. `None` for a tag that no
/// version writes.
fn change_of(tag: &str) -> Option<ChangeNumber> {
    let (number, form) = tag.split_once('.')?;
    let writer = form.strip_suffix(NEWER).unwrap_or(form);
    let change = ChangeNumber(number.parse().ok()?);
    let is_written = change.0.to_string() == number && writer.parse::<u32>().is_ok_and(|own| own.to_string() == writer);
    is_written.then_some(change)
}

fn tags_of(request: &HttpRequest, name: &HeaderName) -> Result<Option<EntityTags>, DavError> {
    let lines: Result<Vec<&str>, _> = request.headers().get_all(name).map(|value| value.to_str()).collect();
    match lines {
        Ok(lines) if lines.is_empty() => Ok(None),
        Ok(lines) => Ok(Some(EntityTags::parse(&lines.join(","))?)),
        Err(_) => Err(HeaderError::EntityTags.into()),
    }
}
