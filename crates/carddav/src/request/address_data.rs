//! The element `address-data` of a request (RFC 6352, 10.4).

use vcard::Version;

use crate::{
    address_data::{AddressData, CardPart},
    card_property::CardProperty,
    error::RequestError,
    limits::MAX_PROPERTIES,
    precondition::Precondition,
    xml::{Element, Elements},
};

/// Media types of a vCard, the present one and older ones.
const MEDIA_TYPES: [&str; 4] = ["text/vcard", "text/x-vcard", "text/directory", "*/*"];

/// Reads the element. Without attributes it asks for vCard 3.0, without children for the whole card.
pub(super) fn read_address_data(elements: &mut Elements<'_>, element: &Element) -> Result<AddressData, RequestError> {
    let version = version_of(element).ok_or(RequestError::Precondition(Precondition::SupportedAddressData))?;
    let (mut parts, mut is_whole) = (Vec::new(), true);
    elements.for_each_child(|_, child| {
        if child.name.is_carddav("prop") {
            let name = child.attribute("name").ok_or(RequestError::Unexpected("prop must have the attribute name"))?;
            if parts.len() >= MAX_PROPERTIES {
                return Err(RequestError::Unexpected("address-data has too many properties"));
            }
            let without_value = child.attribute("novalue") == Some("yes");
            parts.push(CardPart { property: CardProperty::new(name), without_value });
            is_whole = false;
        }
        Ok(())
    })?;
    Ok(AddressData { version, parts: (!is_whole).then_some(parts) })
}

fn version_of(element: &Element) -> Option<Version> {
    let media_type = element.attribute("content-type").unwrap_or("text/vcard");
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !MEDIA_TYPES.iter().any(|known| known.eq_ignore_ascii_case(media_type)) {
        return None;
    }
    match element.attribute("version").map(str::trim) {
        None | Some("3.0") => Some(Version::V3_0),
        Some("4.0") => Some(Version::V4_0),
        Some(_) => None,
    }
}
