//! Properties of the resources that the server knows.

use crate::{
    address_data::AddressData,
    name::{Name, Namespace},
};

/// A property that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// A property that some resource has.
    Live(LiveProperty),
    /// The card itself (RFC 6352, 10.4).
    AddressData(AddressData),
    /// A property that no resource has. The answer repeats its name.
    Unknown(Name),
}

/// A property that the server computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LiveProperty {
    /// Text for people on the address book (RFC 6352, 6.2.1).
    AddressbookDescription,
    /// Path of the home of the address books (RFC 6352, 7.1.1).
    AddressbookHomeSet,
    /// Path of the signed-in user (RFC 5397).
    CurrentUserPrincipal,
    /// Privileges of the signed-in user (RFC 3744, 5.4).
    CurrentUserPrivilegeSet,
    /// Name for people (RFC 4918, 15.2).
    DisplayName,
    /// Number of bytes of the card (RFC 4918, 15.4).
    GetContentLength,
    /// Media type of the card (RFC 4918, 15.5).
    GetContentType,
    /// Value that changes with each change of the address book; Apple's `getctag`.
    GetCtag,
    /// Entity tag of the card (RFC 4918, 15.6).
    GetEtag,
    /// Timestamp of the last change of the card (RFC 4918, 15.7).
    GetLastModified,
    /// Maximum number of bytes of a card (RFC 6352, 6.2.3).
    MaxResourceSize,
    /// Path of the owner (RFC 3744, 5.1).
    Owner,
    /// Path of a principal (RFC 3744, 4.2).
    PrincipalUrl,
    /// Kind of the resource (RFC 4918, 15.9).
    ResourceType,
    /// Versions of vCard that the address book takes (RFC 6352, 6.2.2).
    SupportedAddressData,
    /// Collations of a filter (RFC 6352, 8.3.1).
    SupportedCollationSet,
    /// Reports of the address book (RFC 3253, 3.1.5).
    SupportedReportSet,
    /// Token of the state of the address book (RFC 6578, 4).
    SyncToken,
}

/// Element with a card in an answer.
pub(crate) const ADDRESS_DATA: &str = "card:address-data";

impl LiveProperty {
    /// Properties with their elements. The prefix stands for the namespace.
    const TAGS: [(Self, &'static str); 18] = [
        (Self::AddressbookDescription, "card:addressbook-description"),
        (Self::AddressbookHomeSet, "card:addressbook-home-set"),
        (Self::CurrentUserPrincipal, "d:current-user-principal"),
        (Self::CurrentUserPrivilegeSet, "d:current-user-privilege-set"),
        (Self::DisplayName, "d:displayname"),
        (Self::GetContentLength, "d:getcontentlength"),
        (Self::GetContentType, "d:getcontenttype"),
        (Self::GetCtag, "cs:getctag"),
        (Self::GetEtag, "d:getetag"),
        (Self::GetLastModified, "d:getlastmodified"),
        (Self::MaxResourceSize, "card:max-resource-size"),
        (Self::Owner, "d:owner"),
        (Self::PrincipalUrl, "d:principal-URL"),
        (Self::ResourceType, "d:resourcetype"),
        (Self::SupportedAddressData, "card:supported-address-data"),
        (Self::SupportedCollationSet, "card:supported-collation-set"),
        (Self::SupportedReportSet, "d:supported-report-set"),
        (Self::SyncToken, "d:sync-token"),
    ];

    /// Returns all properties.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::TAGS.iter().map(|(property, _)| *property)
    }

    /// Returns the property with this name.
    #[must_use]
    pub fn of(name: &Name) -> Option<Self> {
        let is_name = |tag: &str| tag.split_once(':') == name.namespace.prefix().map(|prefix| (prefix, &*name.local));
        Self::TAGS.iter().find(|(_, tag)| is_name(tag)).map(|(property, _)| *property)
    }

    /// Returns the element of the property.
    pub(crate) fn tag(self) -> &'static str {
        Self::TAGS.iter().find(|(property, _)| *property == self).map_or("", |(_, tag)| tag)
    }

    /// Returns true for a property of RFC 4918, which `allprop` returns. Those of other standards must be named.
    #[must_use]
    pub fn is_in_allprop(self) -> bool {
        use LiveProperty as P;
        let common = [P::DisplayName, P::GetContentLength, P::GetContentType, P::GetEtag, P::GetLastModified];
        self == P::ResourceType || common.contains(&self)
    }
}

impl Property {
    /// Returns the property with this name. `address_data` is what the request asks of the card.
    pub(crate) fn of(name: Name, address_data: Option<AddressData>) -> Self {
        match (address_data, LiveProperty::of(&name)) {
            (Some(data), _) => Self::AddressData(data),
            (None, Some(property)) => Self::Live(property),
            (None, None) => Self::Unknown(name),
        }
    }
}

/// Returns true for the name of the property with the card.
pub(crate) fn is_address_data(name: &Name) -> bool {
    name.namespace == Namespace::CardDav && name.local == "address-data"
}
