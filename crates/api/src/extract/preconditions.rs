//! Conditional requests (RFC 9110, 13): the entity tag of a contact is the number of its last change.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, EntityTag, Header as _},
};
use contact_files::{OutputVersion, WRITER};
use domain::contact::{ChangeNumber, Expected};

use crate::problem::{Code, Problem};

/// Text between the change and the rest of the entity tag of a vCard.
const VCARD: &str = "-vcard-";

/// Returns the entity tag of a contact with this last change.
pub(crate) fn entity_tag(change: ChangeNumber) -> EntityTag {
    EntityTag::new_strong(change.0.to_string())
}

/// Returns the entity tag of the vCard of a contact with this last change. It differs from that of the JSON, because two
/// representations never have the same one. `If-Match` accepts both: they name one state of the contact.
pub(crate) fn vcard_entity_tag(change: ChangeNumber, version: OutputVersion) -> EntityTag {
    EntityTag::new_strong(format!("{}{VCARD}{}-{WRITER}", change.0, version.as_str()))
}

/// The states that `If-Match` accepts. Weak tags match nothing (RFC 9110, 13.1.1).
pub(crate) struct IfMatch(pub(crate) Expected);

impl IfMatch {
    /// The detail of the error for an invalid text.
    pub(crate) const EXPECTED: &str = "must be * or a list of entity tags like \"3\"";

    /// Parses the value of the header.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self(Expected::Any));
        }
        let tags: Result<Vec<EntityTag>, _> = text.split(',').map(|tag| tag.trim().parse()).collect();
        Some(Self(Expected::OneOf(changes(&tags.ok()?))))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(header::IF_MATCH) {
            return ready(Ok(Self(Expected::Any)));
        }
        ready(match header::IfMatch::parse(request) {
            Ok(header::IfMatch::Any) => Ok(Self(Expected::Any)),
            Ok(header::IfMatch::Items(tags)) => Ok(Self(Expected::OneOf(changes(&tags)))),
            Err(_) => Err(malformed("If-Match")),
        })
    }
}

/// The states that the client has cached, from `If-None-Match`.
pub(crate) struct IfNoneMatch(Option<header::IfNoneMatch>);

impl IfNoneMatch {
    /// Returns true when the client has cached the representation with this entity tag.
    pub(crate) fn matches(&self, current: &EntityTag) -> bool {
        match &self.0 {
            None => false,
            Some(header::IfNoneMatch::Any) => true,
            Some(header::IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(current)),
        }
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(header::IF_NONE_MATCH) {
            return ready(Ok(Self(None)));
        }
        ready(header::IfNoneMatch::parse(request).map(|tags| Self(Some(tags))).map_err(|_| malformed("If-None-Match")))
    }
}

fn changes(tags: &[EntityTag]) -> Vec<ChangeNumber> {
    let strong = tags.iter().filter(|tag| !tag.weak);
    let change = |tag: &str| tag.split_once(VCARD).map_or(tag, |(change, _)| change).parse().ok();
    strong.filter_map(|tag| change(tag.tag())).map(ChangeNumber).collect()
}

fn malformed(name: &str) -> Problem {
    Problem::new(Code::BadRequest).with_detail(format!("{name} {}.", IfMatch::EXPECTED))
}
