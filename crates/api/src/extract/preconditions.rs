//! Conditional requests (RFC 9110, 13): the entity tag of a contact is the number of its last change.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{EntityTag, HeaderName, IF_MATCH, IF_NONE_MATCH},
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

/// The value of a conditional header.
enum Condition {
    /// `*`: any state.
    Any,
    /// At least one tag.
    Tags(Vec<EntityTag>),
}

impl Condition {
    /// The detail of the error for an invalid text.
    const EXPECTED: &str = "must be * or a list of entity tags like \"3\"";

    /// Reads a header that may be absent. Several headers of one name are one list (RFC 9110, 5.3).
    fn of(request: &HttpRequest, (name, title): (&HeaderName, &str)) -> Result<Option<Self>, Problem> {
        let lines: Result<Vec<&str>, _> = request.headers().get_all(name).map(|value| value.to_str()).collect();
        let condition = match lines {
            Ok(lines) if lines.is_empty() => return Ok(None),
            Ok(lines) => Self::parse(&lines.join(",")),
            Err(_) => None,
        };
        let malformed = || Problem::new(Code::BadRequest).with_detail(format!("{title} {}.", Self::EXPECTED));
        condition.map(Some).ok_or_else(malformed)
    }

    /// Parses `*`, or a list of tags. A tag may contain commas. Empty elements are ignored (RFC 9110, 5.6.1).
    fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text.trim_start());
        while !rest.is_empty() {
            if !rest.starts_with(',') {
                let opening = rest.find('"')?;
                let closing = opening + 1 + rest.get(opening + 1..)?.find('"')?;
                let (tag, behind) = rest.split_at(closing + 1);
                tags.push(tag.parse().ok()?);
                rest = behind.trim_start();
            }
            if !rest.is_empty() {
                rest = rest.strip_prefix(',')?.trim_start();
            }
        }
        Some(tags).filter(|tags| !tags.is_empty()).map(Self::Tags)
    }
}

/// The states that `If-Match` accepts. Weak tags match nothing (RFC 9110, 13.1.1).
pub(crate) struct IfMatch(pub(crate) Expected);

impl IfMatch {
    /// The detail of the error for an invalid text.
    pub(crate) const EXPECTED: &str = Condition::EXPECTED;

    /// Parses the value of the header.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Condition::parse(text).map(|condition| Self::from(Some(condition)))
    }
}

impl From<Option<Condition>> for IfMatch {
    fn from(condition: Option<Condition>) -> Self {
        Self(match condition {
            None | Some(Condition::Any) => Expected::Any,
            Some(Condition::Tags(tags)) => Expected::OneOf(changes(&tags)),
        })
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Condition::of(request, (&IF_MATCH, "If-Match")).map(Self::from))
    }
}

/// The states that the client has cached, from `If-None-Match`.
pub(crate) struct IfNoneMatch(Option<Condition>);

impl IfNoneMatch {
    /// Returns true when the client has cached the representation with this entity tag.
    pub(crate) fn matches(&self, current: &EntityTag) -> bool {
        match &self.0 {
            None => false,
            Some(Condition::Any) => true,
            Some(Condition::Tags(tags)) => tags.iter().any(|tag| tag.weak_eq(current)),
        }
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Condition::of(request, (&IF_NONE_MATCH, "If-None-Match")).map(Self))
    }
}

fn changes(tags: &[EntityTag]) -> Vec<ChangeNumber> {
    let strong = tags.iter().filter(|tag| !tag.weak);
    let change = |tag: &str| tag.split_once(VCARD).map_or(tag, |(change, _)| change).parse().ok();
    strong.filter_map(|tag| change(tag.tag())).map(ChangeNumber).collect()
}

#[cfg(test)]
mod tests {
    use domain::contact::{ChangeNumber, Expected};

    use super::IfMatch;

    #[test]
    fn entity_tags_are_read_as_a_list_of_quoted_texts() {
        let of = |numbers: &[i64]| Some(Expected::OneOf(numbers.iter().copied().map(ChangeNumber).collect()));
        let cases = [
            ("*", Some(Expected::Any)),
            (" * ", Some(Expected::Any)),
            ("\"3\"", of(&[3])),
            ("\"3\" ,\t\"4\"", of(&[3, 4])),
            ("\"a,b\",\"3\"", of(&[3])),
            (",\"3\",,", of(&[3])),
            ("W/\"3\"", of(&[])),
            ("\"\"", of(&[])),
            ("3", None),
            ("", None),
            (",", None),
            ("\"3", None),
            ("\"3\" \"4\"", None),
            ("\"3\", 4", None),
            ("*, \"3\"", None),
            ("\"a b\"", None),
        ];
        for (text, expected) in cases {
            assert_eq!(IfMatch::parse(text).map(|IfMatch(states)| states), expected, "{text}");
        }
    }
}
