//! Writes the values of live properties.

use vcard::Version;

use super::values::{AddressBookValues, CardContent, CardValues, Values};
use crate::{
    filter::Collation,
    path::Resource,
    precondition::Privilege,
    property::{ADDRESS_DATA, LiveProperty},
    sync_token::uri_of,
    xml::XmlWriter,
};

/// Media type of a card.
const MEDIA_TYPE: &str = "text/vcard";

impl Values<'_> {
    /// Writes a property. Returns false when the resource does not have it.
    pub(super) fn write(&self, property: LiveProperty, xml: &mut XmlWriter) -> bool {
        match property {
            LiveProperty::ResourceType => {
                self.write_resource_type(xml);
                true
            }
            LiveProperty::CurrentUserPrincipal => write_href(xml, property, &Resource::Principal(self.user())),
            LiveProperty::CurrentUserPrivilegeSet => write_privileges(xml, self.privileges()),
            _ => self.write_own(property, xml),
        }
    }

    /// Returns true when the resource has a property.
    pub(super) fn has(&self, property: LiveProperty) -> bool {
        self.write(property, &mut XmlWriter::default())
    }

    /// Writes the card. Returns false for another resource, and for a card that the caller has not read.
    pub(super) fn write_address_data(&self, xml: &mut XmlWriter) -> bool {
        let Self::Card(CardValues { content: Some(CardContent { version, text }), .. }) = self else { return false };
        // Without attributes the card is a vCard 3.0.
        let attributes = [("content-type", MEDIA_TYPE), ("version", version.as_str())];
        let attributes = if *version == Version::V3_0 { &[] } else { attributes.as_slice() };
        xml.leaf_with(ADDRESS_DATA, attributes, text);
        true
    }

    fn write_own(&self, property: LiveProperty, xml: &mut XmlWriter) -> bool {
        match (self, property) {
            (Self::Principal(values), LiveProperty::DisplayName) => write_text(xml, property, values.display_name),
            (Self::Principal(values), LiveProperty::PrincipalUrl) => {
                write_href(xml, property, &Resource::Principal(values.user))
            }
            (Self::Principal(values), LiveProperty::AddressbookHomeSet) => {
                write_href(xml, property, &Resource::Home(values.user))
            }
            (Self::Home(_) | Self::AddressBook(_) | Self::Card(_), LiveProperty::Owner) => {
                write_href(xml, property, &Resource::Principal(self.user()))
            }
            (Self::AddressBook(values), _) => write_address_book(xml, property, values),
            (Self::Card(values), _) => write_card(xml, property, values),
            _ => false,
        }
    }

    fn write_resource_type(&self, xml: &mut XmlWriter) {
        // The home is neither a principal nor an address book: macOS would show it as one.
        let kinds: &[&str] = match self {
            Self::Root(_) | Self::Home(_) => &["d:collection"],
            Self::Principal(_) => &["d:collection", "d:principal"],
            Self::AddressBook(_) => &["d:collection", "card:addressbook"],
            Self::Card(_) => &[],
        };
        write_elements(xml, LiveProperty::ResourceType.tag(), kinds);
    }

    fn privileges(&self) -> &'static [Privilege] {
        use Privilege as P;
        match self {
            Self::Root(_) | Self::Principal(_) | Self::Home(_) => &[P::Read, P::ReadCurrentUserPrivilegeSet],
            Self::AddressBook(_) | Self::Card(_) => &[
                P::Read,
                P::Write,
                P::WriteProperties,
                P::WriteContent,
                P::Bind,
                P::Unbind,
                P::ReadCurrentUserPrivilegeSet,
            ],
        }
    }
}

fn write_address_book(xml: &mut XmlWriter, property: LiveProperty, values: &AddressBookValues<'_>) -> bool {
    match property {
        LiveProperty::DisplayName => write_text(xml, property, values.display_name),
        LiveProperty::GetCtag => write_text(xml, property, values.ctag),
        LiveProperty::SyncToken => write_text(xml, property, &uri_of(values.sync_token)),
        LiveProperty::MaxResourceSize => write_text(xml, property, &values.max_resource_size.to_string()),
        LiveProperty::SupportedAddressData => write_supported_address_data(xml),
        LiveProperty::SupportedCollationSet => {
            xml.open(property.tag());
            Collation::NAMES.iter().for_each(|(_, name)| xml.leaf("card:supported-collation", name));
            xml.close(property.tag());
            true
        }
        LiveProperty::SupportedReportSet => write_supported_reports(xml),
        _ => false,
    }
}

fn write_card(xml: &mut XmlWriter, property: LiveProperty, values: &CardValues<'_>) -> bool {
    match property {
        LiveProperty::GetEtag => write_text(xml, property, &["\"", values.etag, "\""].concat()),
        LiveProperty::GetContentType => write_text(xml, property, "text/vcard; charset=utf-8"),
        LiveProperty::GetContentLength => {
            values.content_length.is_some_and(|length| write_text(xml, property, &length.to_string()))
        }
        LiveProperty::GetLastModified => values.last_modified.is_some_and(|text| write_text(xml, property, text)),
        _ => false,
    }
}

fn write_text(xml: &mut XmlWriter, property: LiveProperty, text: &str) -> bool {
    xml.leaf(property.tag(), text);
    true
}

fn write_href(xml: &mut XmlWriter, property: LiveProperty, resource: &Resource) -> bool {
    xml.open(property.tag());
    xml.leaf("d:href", &resource.href());
    xml.close(property.tag());
    true
}

fn write_elements(xml: &mut XmlWriter, tag: &str, children: &[&str]) {
    xml.open(tag);
    children.iter().for_each(|child| xml.empty(child));
    xml.close(tag);
}

fn write_privileges(xml: &mut XmlWriter, privileges: &[Privilege]) -> bool {
    let tag = LiveProperty::CurrentUserPrivilegeSet.tag();
    xml.open(tag);
    privileges.iter().for_each(|privilege| write_elements(xml, "d:privilege", &[privilege.tag()]));
    xml.close(tag);
    true
}

/// Writes the versions of vCard that a client may ask for and send.
fn write_supported_address_data(xml: &mut XmlWriter) -> bool {
    let tag = LiveProperty::SupportedAddressData.tag();
    xml.open(tag);
    for version in [Version::V3_0, Version::V4_0] {
        let attributes = [("content-type", MEDIA_TYPE), ("version", version.as_str())];
        xml.leaf_with("card:address-data-type", &attributes, "");
    }
    xml.close(tag);
    true
}

fn write_supported_reports(xml: &mut XmlWriter) -> bool {
    let tag = LiveProperty::SupportedReportSet.tag();
    xml.open(tag);
    for report in ["card:addressbook-multiget", "card:addressbook-query", "d:sync-collection"] {
        xml.open("d:supported-report");
        write_elements(xml, "d:report", &[report]);
        xml.close("d:supported-report");
    }
    xml.close(tag);
    true
}
