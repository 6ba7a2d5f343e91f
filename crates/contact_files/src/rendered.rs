//! A contact as vCard.

use domain::contact::{
    Birthday, Contact, ContactCard, UnreadableContact,
    received::{CardUid, ReceivedCard},
};
use vcard::{Card, Limits, Photo, ReadError, Version, convert, merge, merge_retained, read, write};

use crate::{
    fields::{Sieve, card_of, model_of},
    google_groups::GoogleGroups,
};

/// Number of the form in which this version of the service writes vCards. A client caches a vCard until the contact or
/// this number changes.
pub const WRITER: u32 = 1;

/// Version of a vCard that is written. Others are read only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OutputVersion {
    /// vCard 3.0, which every program reads.
    #[default]
    V3_0,
    /// vCard 4.0.
    V4_0,
}

impl OutputVersion {
    /// All versions.
    pub const ALL: [Self; 2] = [Self::V3_0, Self::V4_0];

    /// Returns the version with this name: `3.0` or `4.0`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == name)
    }

    /// Returns the name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3_0 => "3.0",
            Self::V4_0 => "4.0",
        }
    }

    pub(crate) const fn version(self) -> Version {
        match self {
            Self::V3_0 => Version::V3_0,
            Self::V4_0 => Version::V4_0,
        }
    }
}

/// Returns a contact as vCard, with CR LF at the end of each line and without characters that XML forbids.
///
/// A contact that was received as vCard has the received text: unchanged while the contact has had no other change, else
/// with the changed values. A line whose value has not changed stays as it is, and so does a line whose value a contact
/// cannot have. A text of another version is converted. `photo` is a JPEG.
///
/// # Errors
/// The stored card of the contact cannot be read.
pub fn rendered(
    contact: &Contact,
    received: Option<&ReceivedCard>,
    photo: Option<&[u8]>,
    version: OutputVersion,
) -> Result<String, UnreadableContact> {
    let text = rendered_as_sent(contact, received, photo, version)?;
    // A program that does not know favorites has sent the card without the line.
    let is_as_sent = received.is_some_and(|received| received.change == contact.change);
    if is_as_sent && contact.parsed_card()?.favorite {
        return Ok(as_favorite(&text).unwrap_or(text));
    }
    Ok(text)
}

/// Returns a contact as vCard like [`rendered()`], but never with a line that its last program left out.
pub(crate) fn rendered_as_sent(
    contact: &Contact,
    received: Option<&ReceivedCard>,
    photo: Option<&[u8]>,
    version: OutputVersion,
) -> Result<String, UnreadableContact> {
    let photo = photo.map(|bytes| Photo { media_type: Some("image/jpeg".to_owned()), bytes: bytes.to_vec() });
    let text = match received {
        Some(received) => from_received(contact, received, photo.as_ref(), version)?,
        None => None,
    };
    let text = match text {
        Some(text) => text,
        None => {
            let uid = received.map_or_else(|| CardUid::of_contact(contact.id), |received| received.uid.clone());
            let card = card_of(&contact.parsed_card()?);
            let (uid, revision) = (Some(uid.as_str().to_owned()), Some(revision_of(contact)));
            write(&Card { uid, revision, photo, ..card }, version.version())
        }
    };
    Ok(for_output(text))
}

/// Returns the received text with the changes since then. Returns `None` for a text that is no card.
fn from_received(
    contact: &Contact,
    received: &ReceivedCard,
    photo: Option<&Photo>,
    version: OutputVersion,
) -> Result<Option<String>, UnreadableContact> {
    let text = received.text.as_str();
    let changed = if received.change == contact.change {
        Ok(text.to_owned())
    } else {
        with_changes(contact, received, &contact.parsed_card()?)
    };
    let converted = changed.and_then(|text| convert(&text, version.version(), &Limits::default()));
    Ok(converted.and_then(|text| with_photo(text, photo)).ok())
}

/// Returns the received text with the values of a contact.
fn with_changes(contact: &Contact, received: &ReceivedCard, model: &ContactCard) -> Result<String, ReadError> {
    let limits = Limits::default();
    let whole = read(received.text.as_str(), &limits)?;
    let groups = GoogleGroups::of(&whole.categories);
    // A birthday that was in the future was left out. It is not to be mistaken for a removed one.
    let today = Birthday::latest(contact.created_at);
    let retained = |card: &Card| {
        let model = card_of(&model_of(card, groups, &mut Sieve::new(today)));
        let own = card.categories.iter().filter(|category| !groups.is_tag(category)).cloned();
        let categories = model.categories.iter().cloned().chain(own).collect();
        Card { categories, ..beside_model(card, model) }
    };
    let mut after = beside_model(&whole, card_of(model));
    let is_own = |category: &&String| groups.is_everyone(category) || (model.favorite && groups.is_star(category));
    after.categories.extend(whole.categories.iter().filter(is_own).cloned());
    // The text has another UID when that one was taken.
    let is_uid = |uid: &String| CardUid::parse(uid).is_ok_and(|uid| uid == received.uid);
    after.uid = after.uid.filter(is_uid).or_else(|| Some(received.uid.as_str().to_owned()));
    after.revision = Some(revision_of(contact));
    merge_retained(received.text.as_str(), &after, &limits, retained)
}

/// Returns the fields of a model, and those of a card that no model has.
fn beside_model(card: &Card, model: Card) -> Card {
    let Card { uid, kind, members, revision, .. } = card.clone();
    Card { uid, kind, members, revision, ..model }
}

fn with_photo(text: String, photo: Option<&Photo>) -> Result<String, ReadError> {
    let Some(photo) = photo else { return Ok(text) };
    let limits = Limits::default();
    let card = read(&text, &limits)?;
    merge(&text, &Card { photo: Some(photo.clone()), ..card }, &limits)
}

/// Returns the text of a favorite: with the property, unless the text has it, or the group of Google.
fn as_favorite(text: &str) -> Result<String, ReadError> {
    let limits = Limits::default();
    let card = read(text, &limits)?;
    let groups = GoogleGroups::of(&card.categories);
    if card.favorite || card.categories.iter().any(|category| groups.is_star(category)) {
        return Ok(text.to_owned());
    }
    merge(text, &Card { favorite: true, ..card }, &limits)
}

/// Returns the time of the last change in the form that all versions have (RFC 6350, 4.3.5).
fn revision_of(contact: &Contact) -> String {
    contact.updated_at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Returns a text with CR LF at the end of each line, and without characters that XML forbids.
pub(crate) fn for_output(text: String) -> String {
    let is_forbidden = |character: char| {
        matches!(character, '\u{fffe}' | '\u{ffff}') || (character < ' ' && !matches!(character, '\t' | '\n' | '\r'))
    };
    let ends = [text.matches("\r\n").count(), text.matches('\r').count(), text.matches('\n').count()];
    if ends == [ends[0]; 3] && text.ends_with('\n') && !text.contains(is_forbidden) {
        return text;
    }
    let mut clean = String::with_capacity(text.len() + 2);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\r' | '\n' => {
                // Several CR are one line end, as the lexer reads them.
                if character == '\r' {
                    while rest.next_if_eq(&'\r').is_some() {}
                    rest.next_if_eq(&'\n');
                }
                clean.push_str("\r\n");
            }
            _ if is_forbidden(character) => {}
            _ => clean.push(character),
        }
    }
    if !clean.ends_with('\n') {
        clean.push_str("\r\n");
    }
    clean
}
