//! Cards for CardDAV. Each has a UID (RFC 6352, 5.1), also if the client sent none.

use domain::contact::{
    Contact, UnreadableContact,
    card_resource::GroupCard,
    received::{CardUid, ReceivedCard},
};
use vcard::{Card, Limits, ReadError, convert, merge, read};

use crate::rendered::{OutputVersion, for_output, rendered_as_sent};

/// Returns a contact as vCard, with a UID. Unlike [`rendered()`](crate::rendered()) it adds no other line to a card that has
/// not changed since it was sent.
///
/// # Errors
/// The stored card of the contact cannot be read.
pub fn rendered_contact(
    contact: &Contact,
    received: Option<&ReceivedCard>,
    photo: Option<&[u8]>,
    version: OutputVersion,
) -> Result<String, UnreadableContact> {
    let text = rendered_as_sent(contact, received, photo, version)?;
    Ok(match received {
        Some(received) => with_uid(&text, &received.uid).unwrap_or(text),
        None => text,
    })
}

/// Returns the card of a group as vCard.
#[must_use]
pub fn rendered_group(group: &GroupCard, version: OutputVersion) -> String {
    let text = group.text.as_str().to_owned();
    let text = convert(&text, version.version(), &Limits::default()).unwrap_or(text);
    for_output(with_uid(&text, &group.uid).unwrap_or(text))
}

/// Adds the UID to a text without one.
fn with_uid(text: &str, uid: &CardUid) -> Result<String, ReadError> {
    let is_uid = |line: &str| {
        let name = line.split([':', ';']).next().unwrap_or_default();
        name.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case("UID"))
    };
    if text.lines().any(is_uid) {
        return Ok(text.to_owned());
    }
    let limits = Limits::default();
    let card = read(text, &limits)?;
    merge(text, &Card { uid: Some(uid.as_str().to_owned()), ..card }, &limits)
}
