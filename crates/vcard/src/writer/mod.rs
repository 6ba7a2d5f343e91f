//! Writes cards.

mod fields;
mod lines;

pub(crate) use self::{
    fields::{write_address, write_categories, write_email, write_member, write_phone, write_property, write_url},
    lines::{FreshGroups, LineWriter},
};
use crate::{card::Card, property::Property, version::Version};

/// Properties of a new card, in their order.
pub(crate) const ORDER: [Property; 21] = [
    Property::Uid,
    Property::Kind,
    Property::FormattedName,
    Property::Name,
    Property::PhoneticFirstName,
    Property::PhoneticLastName,
    Property::Nickname,
    Property::Pronouns,
    Property::Organization,
    Property::JobTitle,
    Property::Phone,
    Property::Email,
    Property::Address,
    Property::Url,
    Property::Birthday,
    Property::Note,
    Property::Categories,
    Property::Favorite,
    Property::Member,
    Property::Photo,
    Property::Revision,
];

/// Writes a card with lines of at most 75 bytes that end with CR LF. A card that was written is read as the same card.
#[must_use]
pub fn write(card: &Card, version: Version) -> String {
    let mut groups = FreshGroups::default();
    let mut writer = LineWriter::new(version, "\r\n", &mut groups);
    writer.line(None, "BEGIN", &[], "VCARD");
    writer.line(None, "VERSION", &[], version.as_str());
    for property in ORDER {
        write_property(card, property, &mut writer);
    }
    writer.line(None, "END", &[], "VCARD");
    writer.finish()
}
