//! Conditional requests (RFC 9110, 13): the entity tag of a contact is the number of its last change.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, EntityTag, Header as _},
};
use domain::contact::{ChangeNumber, Expected};

use crate::problem::{Code, Problem};

/// Returns the entity tag of a contact with this last change.
pub(crate) fn entity_tag(change: ChangeNumber) -> EntityTag {
    EntityTag::new_strong(change.0.to_string())
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
    /// Returns true when the client has cached the contact with this last change.
    pub(crate) fn matches(&self, change: ChangeNumber) -> bool {
        match &self.0 {
            None => false,
            Some(header::IfNoneMatch::Any) => true,
            Some(header::IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&entity_tag(change))),
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
    strong.filter_map(|tag| tag.tag().parse().ok()).map(ChangeNumber).collect()
}

fn malformed(name: &str) -> Problem {
    Problem::new(Code::BadRequest).with_detail(format!("{name} {}.", IfMatch::EXPECTED))
}
