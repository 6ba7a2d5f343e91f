//! Values of the properties of a resource. The caller fills them.

use uuid::Uuid;
use vcard::Version;

use crate::path::{CardName, Resource};

/// A resource with the values of its properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    /// The collection `/dav/`, as a user sees it.
    Root(Uuid),
    /// A user.
    Principal(PrincipalValues<'a>),
    /// The home of the address books of a user.
    Home(Uuid),
    /// An address book.
    AddressBook(AddressBookValues<'a>),
    /// A card.
    Card(CardValues<'a>),
}

/// Values of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrincipalValues<'a> {
    /// The user.
    pub user: Uuid,
    /// Name for people.
    pub display_name: &'a str,
}

/// Values of an address book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressBookValues<'a> {
    /// The owner.
    pub user: Uuid,
    /// Name for people.
    pub display_name: &'a str,
    /// Token of the present state, without the URI around it.
    pub sync_token: &'a str,
    /// Text that changes with each change.
    pub ctag: &'a str,
    /// Maximum number of bytes of a card.
    pub max_resource_size: u64,
}

/// Values of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardValues<'a> {
    /// The owner.
    pub user: Uuid,
    /// Name in the path.
    pub name: &'a CardName,
    /// Entity tag, without quotes.
    pub etag: &'a str,
    /// Number of bytes that GET returns. `None` when the caller does not know it.
    pub content_length: Option<u64>,
    /// Timestamp of the last change in the form of HTTP: `Wed, 25 Nov 2026 16:28:30 GMT`. `None` when it is unknown.
    pub last_modified: Option<&'a str>,
    /// The card, when the request asks for it.
    pub content: Option<CardContent<'a>>,
}

/// A card in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardContent<'a> {
    /// Version of the text.
    pub version: Version,
    /// Text of the card, as far as the request asks for it.
    pub text: &'a str,
}

impl Values<'_> {
    /// Returns the path of the resource.
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Self::Root(_) => Resource::Root.href(),
            Self::Principal(values) => Resource::Principal(values.user).href(),
            Self::Home(user) => Resource::Home(*user).href(),
            Self::AddressBook(values) => Resource::AddressBook(values.user).href(),
            Self::Card(values) => Resource::Card(values.user, values.name.clone()).href(),
        }
    }

    /// Returns the user to whom the resource belongs.
    pub(super) fn user(&self) -> Uuid {
        match self {
            Self::Root(user) | Self::Home(user) => *user,
            Self::Principal(values) => values.user,
            Self::AddressBook(values) => values.user,
            Self::Card(values) => values.user,
        }
    }
}
