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
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// `*`: any state.
    Any,
    /// At least one tag.
    Tags(Vec<EntityTag>),
}

impl Condition {
    /// The detail of the error for an invalid text.
    const EXPECTED: &str = "must be * or a list of entity tags like \"3\"";

    /// Reads a header that may be absent. Several headers of one name are one list (RFC 9110, 5.3).
    pub(super) fn of(request: &HttpRequest, (name, title): (&HeaderName, &str)) -> Result<Option<Self>, Problem> {
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
    pub(super) fn parse(text: &str) -> Option<Self> {
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

/// `If-Match` and `If-None-Match` of a request.
struct Conditions {
    accepted: Option<Condition>,
    rejected: Option<Condition>,
}

impl Conditions {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let accepted = Condition::of(request, (&IF_MATCH, "If-Match"))?;
        Ok(Self { accepted, rejected: Condition::of(request, (&IF_NONE_MATCH, "If-None-Match"))? })
    }
}

/// The states of a contact that a change accepts: those of `If-Match` without those of `If-None-Match`. Weak tags match
/// nothing in the first one (RFC 9110, 13.1.1).
pub(crate) struct Accepted(pub(crate) Expected);

impl Accepted {
    /// The detail of the error for an invalid text.
    pub(crate) const EXPECTED: &str = Condition::EXPECTED;

    /// Parses the value of `If-Match`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let accepted = Condition::parse(text)?;
        Some(Self::from(Conditions { accepted: Some(accepted), rejected: None }))
    }
}

impl From<Conditions> for Accepted {
    fn from(Conditions { accepted, rejected }: Conditions) -> Self {
        let rejected = match rejected {
            None => Vec::new(),
            // An existing contact has a state.
            Some(Condition::Any) => return Self(Expected::OneOf(Vec::new())),
            Some(Condition::Tags(tags)) => tags.iter().filter_map(change_of).collect(),
        };
        Self(match accepted {
            None | Some(Condition::Any) if rejected.is_empty() => Expected::Any,
            None | Some(Condition::Any) => Expected::NoneOf(rejected),
            Some(Condition::Tags(tags)) => {
                let strong = tags.iter().filter(|tag| !tag.weak).filter_map(change_of);
                Expected::OneOf(strong.filter(|change| !rejected.contains(change)).collect())
            }
        })
    }
}

impl FromRequest for Accepted {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Conditions::of(request).map(Self::from))
    }
}

/// The representations that the client expects, from `If-Match`, and those that it has cached, from `If-None-Match`.
pub(crate) struct Cached(Conditions);

impl Cached {
    /// Returns true when the client has cached the representation with this entity tag.
    ///
    /// # Errors
    /// The client expects another one.
    pub(crate) fn has(&self, current: &EntityTag) -> Result<bool, Problem> {
        let Conditions { accepted, rejected: cached } = &self.0;
        if let Some(Condition::Tags(tags)) = accepted
            && !tags.iter().any(|tag| tag.strong_eq(current))
        {
            return Err(Problem::new(Code::ContactChanged));
        }
        Ok(match cached {
            None => false,
            Some(Condition::Any) => true,
            Some(Condition::Tags(tags)) => tags.iter().any(|tag| tag.weak_eq(current)),
        })
    }
}

impl FromRequest for Cached {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Conditions::of(request).map(Self))
    }
}

/// Returns the change that an entity tag names, character by character. The number of the writer of a vCard does not
/// matter: an update of the service does not change a contact.
fn change_of(tag: &EntityTag) -> Option<ChangeNumber> {
    let (number, vcard) =
        tag.tag().split_once(VCARD).map_or((tag.tag(), None), |(number, vcard)| (number, Some(vcard)));
    let change: i64 = number.parse().ok()?;
    let is_vcard = |vcard: &str| {
        let Some((version, writer)) = vcard.rsplit_once('-') else { return false };
        let is_number = writer.parse().is_ok_and(|number: u32| number.to_string() == writer);
        [OutputVersion::V3_0, OutputVersion::V4_0].iter().any(|known| known.as_str() == version) && is_number
    };
    (change.to_string() == number && vcard.is_none_or(is_vcard)).then_some(ChangeNumber(change))
}

#[cfg(test)]
mod tests {
    use contact_files::OutputVersion;
    use domain::contact::{ChangeNumber, Expected};

    use super::{Accepted, Condition, Conditions, vcard_entity_tag};

    fn changes(numbers: &[i64]) -> Vec<ChangeNumber> {
        numbers.iter().copied().map(ChangeNumber).collect()
    }

    #[test]
    fn entity_tags_are_read_as_a_list_of_quoted_texts() {
        let of = |numbers: &[i64]| Some(Expected::OneOf(changes(numbers)));
        let vcard = vcard_entity_tag(ChangeNumber(3), OutputVersion::V4_0).to_string();
        let cases = [
            ("*", Some(Expected::Any)),
            (" * ", Some(Expected::Any)),
            ("\"3\"", of(&[3])),
            ("\"3\" ,\t\"4\"", of(&[3, 4])),
            ("\"a,b\",\"3\"", of(&[3])),
            (",\"3\",,", of(&[3])),
            ("W/\"3\"", of(&[])),
            ("\"\"", of(&[])),
            ("\"03\", \"+3\", \"3 \"", None),
            ("\"03\", \"+3\", \"3-vcard-4.0\", \"3-vcard-4.0-x\"", of(&[])),
            ("\"3-vcard-4.0-0\", \"4-vcard-3.0-23\"", of(&[3, 4])),
            ("\"3-vcard-4.0-01\", \"3-vcard-2.1-1\", \"03-vcard-4.0-1\"", of(&[])),
            (&vcard, of(&[3])),
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
            assert_eq!(Accepted::parse(text).map(|Accepted(states)| states), expected, "{text}");
        }
    }

    #[test]
    fn change_accepts_the_states_of_if_match_without_those_of_if_none_match() {
        let cases = [
            (None, None, Expected::Any),
            (None, Some("\"x\""), Expected::Any),
            (None, Some("\"3\", W/\"4\""), Expected::NoneOf(changes(&[3, 4]))),
            (Some("*"), Some("\"3\""), Expected::NoneOf(changes(&[3]))),
            (Some("\"3\", \"4\""), Some("\"3\""), Expected::OneOf(changes(&[4]))),
            (None, Some("*"), Expected::OneOf(Vec::new())),
            (Some("\"3\""), Some("*"), Expected::OneOf(Vec::new())),
        ];
        for (accepted, rejected, expected) in cases {
            let condition = |text: &str| Condition::parse(text).unwrap();
            let conditions = Conditions { accepted: accepted.map(condition), rejected: rejected.map(condition) };
            assert_eq!(Accepted::from(conditions).0, expected, "{accepted:?} {rejected:?}");
        }
    }
}
