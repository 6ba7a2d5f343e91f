//! Fields of a card.

use super::birthday::Birthday;

/// A contact, or a group of contacts. Texts are trimmed and not empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// Identifier, which is the same in all programs.
    pub uid: Option<String>,
    /// Kind of the card, if given.
    pub kind: Option<Kind>,
    /// UIDs of the members of a group, as `urn:uuid:...`.
    pub members: Vec<String>,
    /// Name. A card without N has its FN as first name.
    pub name: Name,
    /// Pronunciation of the first name.
    pub phonetic_first_name: Option<String>,
    /// Pronunciation of the last name.
    pub phonetic_last_name: Option<String>,
    /// Nickname; several ones are separated by commas.
    pub nickname: Option<String>,
    /// Organization.
    pub organization: Option<String>,
    /// Department; its parts are separated by commas.
    pub department: Option<String>,
    /// Job title.
    pub job_title: Option<String>,
    /// Pronouns (RFC 9554).
    pub pronouns: Option<String>,
    /// E-mails.
    pub emails: Vec<Labeled<String>>,
    /// Telephone numbers. A `tel:` URI is without its scheme.
    pub phones: Vec<Labeled<String>>,
    /// Postal addresses.
    pub addresses: Vec<Labeled<Address>>,
    /// Links.
    pub urls: Vec<Labeled<String>>,
    /// Birthday.
    pub birthday: Option<Birthday>,
    /// Free text with LF as line break.
    pub note: Option<String>,
    /// Categories.
    pub categories: Vec<String>,
    /// True for a favorite.
    pub favorite: bool,
    /// Picture inside the card. A link to a picture is none.
    pub photo: Option<Photo>,
    /// Timestamp of the last change, as written in REV.
    pub revision: Option<String>,
}

/// Parts of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// First name.
    pub first: Option<String>,
    /// Last name.
    pub last: Option<String>,
    /// Middle names, or patronymic.
    pub middle: Option<String>,
    /// Title before the name.
    pub prefix: Option<String>,
    /// Generation or degree after the name.
    pub suffix: Option<String>,
}

/// A value with its label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Labeled<T> {
    /// Label, such as `home`, `work fax` or `Mobile of the office`.
    pub label: Option<String>,
    /// The value.
    pub value: T,
}

/// Postal address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Address {
    /// Street, with the post office box and the apartment.
    pub street: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Region or state.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Option<String>,
}

/// Picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Media type as declared, such as `image/jpeg`. Programs often declare a wrong one.
    pub media_type: Option<String>,
    /// Bytes of the file.
    pub bytes: Vec<u8>,
}

/// Kind of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A person.
    Individual,
    /// A group of cards.
    Group,
    /// An organization.
    Organization,
    /// A location.
    Location,
}

impl Kind {
    const NAMES: [(&str, Self); 4] = [
        ("individual", Self::Individual),
        ("group", Self::Group),
        ("org", Self::Organization),
        ("location", Self::Location),
    ];

    /// Returns the kind with this name, in any case.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }

    /// Returns the name in vCard.
    pub(crate) fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("individual", |(name, _)| name)
    }
}

impl Name {
    /// Returns the parts in the order of N: last, first, middle, prefix, suffix.
    pub(crate) fn parts(&self) -> [&Option<String>; 5] {
        [&self.last, &self.first, &self.middle, &self.prefix, &self.suffix]
    }

    /// Returns true when no part is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|part| part.is_none())
    }
}

impl Address {
    /// Returns the parts in the order of ADR, after the post office box and the extended address.
    pub(crate) fn parts(&self) -> [&Option<String>; 5] {
        [&self.street, &self.city, &self.region, &self.postal_code, &self.country]
    }
}

impl Card {
    /// Returns the name to show, which is also the FN of a new card: the parts of the name in their usual order, else
    /// the nickname, the organization, the first e-mail or the first phone.
    #[must_use]
    pub fn display_name(&self) -> String {
        let Name { first, last, middle, prefix, suffix } = &self.name;
        let parts: Vec<&str> =
            [prefix, first, middle, last, suffix].into_iter().flatten().map(String::as_str).collect();
        if !parts.is_empty() {
            return parts.join(" ");
        }
        let others = [self.nickname.as_ref(), self.organization.as_ref()];
        let email = self.emails.first().map(|email| &email.value);
        let phone = self.phones.first().map(|phone| &phone.value);
        others.into_iter().chain([email, phone]).flatten().next().cloned().unwrap_or_default()
    }
}

/// Shows the size of the picture only.
impl std::fmt::Debug for Photo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { media_type, bytes } = self;
        formatter.debug_struct("Photo").field("media_type", media_type).field("bytes", &bytes.len()).finish()
    }
}
