//! One contact in a response.
//!
//! The contact is spliced from its stored card: nothing of it is parsed.

use domain::{
    contact::{Contact, UnreadableContact},
    picture::PictureStore,
};
use uuid::Uuid;

use super::{json::JsonWriter, timestamp};

/// Bytes of a contact beside its card: names of members, id, URL of the photo, and times.
const BESIDE_CARD: usize = 256;

/// A contact: its stored card, with the members that are not part of the card.
pub(crate) struct ContactView;

impl ContactView {
    pub(crate) fn write(json: &mut JsonWriter, contact: &Contact, pictures: &dyn PictureStore) {
        // The database stores JSON objects only, so the text need not be checked.
        json.begin_object();
        json.plain_member("id", contact.id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
        json.written_members(contact.card.members());
        json.member("photo_url", &contact.photo.as_ref().map(|key| pictures.url(key)));
        json.plain_member("created_at", &timestamp(contact.created_at));
        json.plain_member("updated_at", &timestamp(contact.updated_at));
        json.end_object();
    }

    /// Returns the JSON of one contact.
    pub(crate) fn json(contact: &Contact, pictures: &dyn PictureStore) -> JsonWriter {
        let mut json = JsonWriter::default();
        reserve(&mut json, [contact]);
        Self::write(&mut json, contact, pictures);
        json
    }
}

/// Allocates memory for contacts.
pub(crate) fn reserve<'a>(json: &mut JsonWriter, contacts: impl IntoIterator<Item = &'a Contact>) {
    let text = contacts.into_iter().map(|contact| contact.card.as_str().len() + BESIDE_CARD).sum();
    json.reserve(text);
}

/// Logs a contact whose card cannot be read. It is left out of the response.
pub(crate) fn log_unreadable(error: UnreadableContact) {
    tracing::error!(contact_id = %error.0, "contact unreadable");
}
