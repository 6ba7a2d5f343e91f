//! The properties of cards in an answer.

use carddav::{CardContent as Content, CardName as PathName, CardValues, LiveProperty, Selection, Values};
use contact_files::{OutputVersion, rendered_contact, rendered_group};
use domain::{
    contact::{
        ChangeNumber,
        card_resource::{CardContent, CardName, CardResource},
    },
    ids::UserId,
    use_cases::card_resource::CardWithPhoto,
};

use super::{multistatus_text::MultistatusText, preconditions::entity_tag};
use crate::dto::contact_view::log_unreadable;

/// Bytes of a card without values and unknown properties, about.
const PLAIN_HEAD: usize = 300;
/// Form of a date in the headers of HTTP (RFC 9110, 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// Returns the name of a card as it is in a path. `None` for a name that no path has.
pub(super) fn path_of(name: &CardName) -> Option<PathName> {
    PathName::new(name.as_str())
}

/// Returns the text of a card. `None` for a contact that cannot be read; it is reported.
pub(super) fn text_of(card: &CardWithPhoto, version: OutputVersion) -> Option<String> {
    match &card.resource.content {
        CardContent::Contact(contact) => {
            let (contact, received) = &**contact;
            let text = rendered_contact(contact, received.as_ref(), card.photo.as_deref(), version);
            text.map_err(log_unreadable).ok()
        }
        CardContent::Group(group) => Some(rendered_group(group, version)),
    }
}

/// Returns the time of the last change of a card, in the form of HTTP. A group has none.
pub(super) fn last_modified(resource: &CardResource) -> Option<String> {
    match &resource.content {
        CardContent::Contact(contact) => Some(contact.0.updated_at.format(HTTP_DATE).to_string()),
        CardContent::Group(_) => None,
    }
}

/// Writes cards with the properties that a client asks for.
pub(super) struct CardView {
    pub(super) owner: UserId,
    pub(super) selection: Selection,
    /// True to leave out the properties that a card does not have.
    pub(super) is_minimal: bool,
}

impl CardView {
    /// Returns true when the answer needs more of a card than its name and its last change.
    pub(super) fn needs_cards(&self) -> bool {
        self.needs_photos() || self.selection.contains(LiveProperty::GetLastModified)
    }

    /// Returns true when the answer has the text of a card, or its length, and so its photo.
    pub(super) fn needs_photos(&self) -> bool {
        self.selection.address_data().is_some() || self.selection.contains(LiveProperty::GetContentLength)
    }

    /// Returns the bytes of a card by its name and its last change, about.
    pub(super) fn head_bytes(&self) -> usize {
        PLAIN_HEAD + if self.is_minimal { 0 } else { self.selection.unknown_bytes() }
    }

    /// Returns the version in which a card is written.
    pub(super) fn version(&self) -> OutputVersion {
        let asked = self.selection.address_data().map(|data| data.version.as_str());
        asked.and_then(OutputVersion::from_name).unwrap_or_default()
    }

    /// Writes a card by its name and its last change.
    pub(super) fn write_head(&self, text: &mut MultistatusText, name: &CardName, change: ChangeNumber) {
        let Some(name) = path_of(name) else { return };
        // A request for names gets those of all properties.
        let names_only = matches!(self.selection, Selection::Names);
        self.write_values(
            text,
            &CardValues {
                user: self.owner.0,
                name: &name,
                etag: &entity_tag(change),
                content_length: names_only.then_some(0),
                last_modified: names_only.then_some(""),
                content: None,
            },
        );
    }

    /// Writes a card with its text.
    pub(super) fn write_card(&self, text: &mut MultistatusText, card: &CardWithPhoto, content: &str) {
        let Some(name) = path_of(&card.resource.name) else { return };
        let data = self.selection.address_data();
        let selected = data.map(|data| (data.version, data.select(content)));
        self.write_values(
            text,
            &CardValues {
                user: self.owner.0,
                name: &name,
                etag: &entity_tag(card.resource.change()),
                content_length: u64::try_from(content.len()).ok(),
                last_modified: last_modified(&card.resource).as_deref(),
                content: selected.as_ref().map(|(version, text)| Content { version: *version, text }),
            },
        );
    }

    fn write_values(&self, text: &mut MultistatusText, values: &CardValues<'_>) {
        text.write(|document| document.resource(&Values::Card(*values), &self.selection, self.is_minimal));
    }
}
