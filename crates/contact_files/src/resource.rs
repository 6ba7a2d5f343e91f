//! Cards for CardDAV. Each has the UID by which the service knows it (RFC 6352, 5.1), also if the client sent none, or one
//! that is empty or too long.

use domain::contact::{
    Contact, UnreadableContact,
    card_resource::GroupCard,
    received::{CardUid, ReceivedCard},
};
use vcard::{Card, CardText, ContentLine, Limits, ReadError, convert, decoded_value, merge, read};

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

/// Returns a text with the UID. A line whose value is no UID is left out, because no other card is compared with it.
fn with_uid(text: &str, uid: &CardUid) -> Result<String, ReadError> {
    let limits = Limits::default();
    let parsed = CardText::parse(text, &limits)?;
    let uid_of = |line: &ContentLine<'_>| line.is("UID").then(|| CardUid::parse(&decoded_value(line)).ok());
    let sent: Vec<Option<CardUid>> = parsed.lines().iter().filter_map(uid_of).collect();
    if sent.first().is_some_and(|first| first.as_ref() == Some(uid)) && sent.iter().all(Option::is_some) {
        return Ok(text.to_owned());
    }
    let valid = parsed.lines().iter().filter(|line| uid_of(line) != Some(None));
    let valid: String = valid.map(ContentLine::raw).collect();
    let card = read(&valid, &limits)?;
    // The text has another UID if that of its first line was too long. Readers take the first one.
    let own = card.uid.clone().filter(|own| CardUid::parse(own).is_ok_and(|own| own == *uid));
    let own = own.unwrap_or_else(|| uid.as_str().to_owned());
    merge(&valid, &Card { uid: Some(own), ..card }, &limits)
}
